"""Opens a report in Chromium, with a script at its end that looks at it."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

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
    made = folder / "page.html"
    made.write_text(
        re.sub(r"script-src [^;]*;", "script-src 'unsafe-inline';", page)
        .replace("<head>", "<head><script>window.wrong = []; onerror = (m) => wrong.push(m);</script>", 1)
        .replace("</body>", f"<script>{script}</script></body>")
    )
    width, height = size.split(",")
    if int(width) < 500:
        made = folder / "frame.html"
        made.write_text(FRAME.format(width=width, height=height))
        size = f"500,{height}"
    shown, said = dump(made.as_uri(), folder, size, dark)
    assert "CONSOLE" not in said, said
    found = re.findall(r'<pre id="seen">(.*?)</pre>', shown, re.DOTALL)
    assert found, said[-2000:]
    return html.unescape(found[-1])
