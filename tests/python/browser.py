"""Opens a report in Chromium, with a script at its end that looks at it."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

#: A page that holds another one in a narrow frame, which a window cannot be, and writes down what that one says.
FRAME = """<!doctype html><meta charset="utf-8"><body style="margin:0">
<iframe src="page.html" style="border:0;width:{width}px;height:{height}px"></iframe>
<script>
addEventListener("message", (event) => {{
  const out = document.createElement("pre");
  out.id = "seen";
  out.textContent = event.data;
  document.body.append(out);
}});
</script>
"""

#: A page that holds another one in several frames at once, each of a width and with a word that its script can read.
FRAMES = """<!doctype html><meta charset="utf-8"><body style="margin:0">
{frames}
<script>
const all = {{}};
addEventListener("message", (event) => {{
  const [name, text] = JSON.parse(event.data);
  all[name] = JSON.parse(text);
  if (Object.keys(all).length < {n}) return;
  const out = document.createElement("pre");
  out.id = "seen";
  out.textContent = JSON.stringify(all);
  document.body.append(out);
}});
</script>
"""


def dump(address: str, folder: Path, size: str = "1280,900", dark: bool = False) -> tuple[str, str]:
    """The page at `address` as Chromium has it in the end, and what it said."""
    flags = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={folder / 'profile'}", f"--window-size={size}", "--virtual-time-budget=20000",
        "--enable-logging=stderr", "--dump-dom",
        *(["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] if dark else []),
    ]  # fmt: skip
    command = [str(CHROMIUM), *flags, address]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    return done.stdout, done.stderr


def browse(page: str, folder: Path, script: str, size: str = "1280,900", dark: bool = False) -> str:
    """Open `page` with `script` at its end; what the script wrote into the element `seen`, or posted to its frame."""
    made = with_script(page, folder, script)
    width, height = size.split(",")
    if int(width) < 500:
        made = folder / "frame.html"
        made.write_text(FRAME.format(width=width, height=height))
        size = f"500,{height}"
    return seen(made, folder, size, dark)


def browse_frames(page: str, folder: Path, script: str, widths: dict[str, int], dark: bool = False) -> dict[str, Any]:
    """Open `page` with `script` at its end in a frame for each name of `widths`; what each posted, as JSON, by name.

    The script finds the name in `location.hash` and posts `JSON.stringify([name, text])` to its parent.
    """
    with_script(page, folder, script)
    frames = "".join(
        f'<iframe src="page.html#{name}" style="border:0;width:{wide}px;height:900px"></iframe>'
        for name, wide in widths.items()
    )
    made = folder / "frames.html"
    made.write_text(FRAMES.format(frames=frames, n=len(widths)))
    return json.loads(seen(made, folder, f"{max(widths.values()) + 20},900", dark))


def with_script(page: str, folder: Path, script: str) -> Path:
    """`page` in a file, with `script` at its end and its errors in `window.wrong`."""
    made = folder / "page.html"
    made.write_text(
        re.sub(r"script-src [^;]*;", "script-src 'unsafe-inline';", page)
        .replace("<head>", "<head><script>window.wrong = []; onerror = (m) => wrong.push(m);</script>", 1)
        .replace("</body>", f"<script>{script}</script></body>")
    )
    return made


def seen(made: Path, folder: Path, size: str, dark: bool) -> str:
    """What the page wrote into the element `seen`."""
    shown, said = dump(made.as_uri(), folder, size, dark)
    assert "CONSOLE" not in said, said
    found = re.findall(r'<pre id="seen">(.*?)</pre>', shown, re.DOTALL)
    assert found, said[-2000:]
    return html.unescape(found[-1])
