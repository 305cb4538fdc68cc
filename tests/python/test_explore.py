"""Sliders: the page of this machine in Chromium, who may see it, the widgets, and what the knobs may do."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import browser
import entente
import stories
from entente import program
from entente.explore import Live
from entente.explore.page import Server
from test_program import SCENARIO

pytestmark = pytest.mark.skipif("ENTENTE" not in os.environ, reason="$ENTENTE does not name the program")

RATE = "kinds.call.rate.per_year"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("explore")
    (made / "three.yaml").write_text(SCENARIO)
    (made / "sorts.yaml").write_text(stories.SORTS)
    return made


@pytest.fixture(scope="module")
def live(folder: Path) -> Live:
    return Live(folder / "three.yaml", {RATE: None, "ties.AAA-BBB.strength": (-0.5, 0.5)}, 40)


@pytest.fixture
def server(live: Live) -> Iterator[Server]:
    with Server(live, tie="AAA-BBB") as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def ask(server: Server, method: str, path: str, **given: Any) -> tuple[int, str]:
    """The status and the text that the server gives."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    connection.request(method, path, **given)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_knobs_are_what_is_uncertain(folder: Path, live: Live) -> None:
    (knob,) = Live(folder / "three.yaml", n=5).knobs
    assert knob == (RATE, 4.0, 2.0, 6.0, "")
    assert live.knobs[1][1:4] == (0.2, -0.5, 0.5)
    with pytest.raises(entente.UnknownName, match=r"no parameter 'kinds\.cal"):
        Live(folder / "three.yaml", ["kinds.cal.rate.per_year"])


def test_the_answer_is_that_of_a_run(folder: Path, live: Live) -> None:
    given = live.answer({"ties.AAA-BBB.strength": 0.4}, "BBB-AAA")
    with entente.run(
        folder / "three.yaml", folder / "own.h5", 40, settings={"ties.AAA-BBB.strength": 0.4}, quiet=True
    ) as own:
        strength = own.sel(tie="AAA-BBB")["strength"].transpose("variant", "replicate", "time").values
        np.testing.assert_allclose(given["fan"][1]["bands"][2], np.median(strength[1], axis=0), atol=1e-4)
        change = (strength[1] - strength[0]).mean(axis=0)
        np.testing.assert_allclose(given["change"][0]["bands"][1], change, atol=1e-5)
        mean = own.summary().loc[("calls", "base"), "mean"]
    assert next(row for row in given["table"] if row["name"] == "calls")["cells"][0]["mean"] == mean
    assert live.answer({"ties.AAA-BBB.strength": 0.4}, "BBB-AAA") is given  # kept
    for values in ({"ties.AAA-BBB.strength": 0.9}, {"ties.AAA-BBB.strength": "0"}, {"kinds.call.x": 1}):
        with pytest.raises(ValueError):
            live.answer(values)


def test_only_who_has_the_token_is_answered(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"
    path = server.url.split(str(server.server_port))[1]
    status, page = ask(server, "GET", path)
    assert status == 200 and "Three actors" in page
    body = json.dumps({"values": {}})
    own = {"X-Entente-Token": server.token}
    assert ask(server, "POST", "/", body=body, headers=own)[0] == 200
    refused = [
        ("GET", "/", {}), ("GET", "/?token=wrong", {}), ("POST", "/", {"body": body}),
        ("POST", "/", {"body": body, "headers": {"X-Entente-Token": "wrong"}}),
        ("GET", path, {"headers": {"Host": f"evil.example:{server.server_port}"}}),
    ]  # fmt: skip
    for method, where, given in refused:
        status, text = ask(server, method, where, **given)
        assert status == 403 and "Three actors" not in text and server.token not in text
    for wrong in (b"[", b"[1]", b'{"values": {"%s": 99}}' % RATE.encode(), b'{"values": {"x": 1}}', b"{}"):
        status, text = ask(server, "POST", "/", body=wrong, headers=own)
        assert status == 400 and "error" in json.loads(text)


def _until_true(first: str, answers: list[Any], steps: list[str]) -> Iterator[str]:
    """The step `first` until it is true, then the others; its answers are taken out again."""
    yield first
    while not answers.pop():
        time.sleep(0.05)
        yield first
    yield from steps


async def _drive(port: int, address: str, steps: list[str]) -> list[Any]:
    """What each step, a script, gives in a page of Chromium that listens on `port`."""
    websocket = pytest.importorskip("tornado.websocket")
    page = json.loads(urllib.request.urlopen(  # a local address
        urllib.request.Request(f"http://127.0.0.1:{port}/json/new?{address}", method="PUT"), timeout=10
    ).read())  # fmt: skip
    socket = await websocket.websocket_connect(page["webSocketDebuggerUrl"], max_message_size=1 << 26)
    out: list[Any] = []
    loaded = "document.readyState === 'complete' && document.getElementById('fan') !== null"
    for i, step in enumerate(_until_true(loaded, out, steps)):
        about = {"expression": step, "awaitPromise": True, "returnByValue": True}
        await socket.write_message(json.dumps({"id": i, "method": "Runtime.evaluate", "params": about}))
        while (told := json.loads(await socket.read_message())).get("id") != i:
            pass
        assert "exceptionDetails" not in told["result"], told["result"]
        out.append(told["result"]["result"].get("value"))
    return out


#: Waits until the page has an answer that is not the one it had.
_WAIT = """new Promise((done, fail) => {{
  const end = performance.now() + 60000, begun = performance.now(), old = window.known;
  {act};
  const look = () => {{
    const now = document.getElementById("fan").innerHTML;
    if (now && now !== old && /replicates of/.test(document.getElementById("said").textContent)) {{
      window.known = now;
      done([performance.now() - begun, document.getElementById("table").textContent]);
    }} else if (performance.now() > end) fail(document.body.textContent);
    else setTimeout(look, 5);
  }};
  look();
}})"""
_SLIDE = """(() => {{ const slider = document.querySelectorAll("input[type=range]")[{i}];
  slider.value = {value}; slider.dispatchEvent(new Event("input")); }})()"""


def busy(folder: Path) -> float:
    """How many times longer work takes here than on an idle machine: the clock's time of a run over the processor's."""
    ratios = []
    for _ in range(3):
        begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        program.call(["run", "-q", "-j1", "-n200", "--restart", f"-o{folder / 'busy.h5'}", str(folder / "sorts.yaml")])
        clock, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        ratios.append(clock / (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return max(1.0, min(ratios))


@pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium")
def test_a_slider_moves_the_fan_within_a_second(folder: Path, tmp_path: Path) -> None:
    live = Live(folder / "sorts.yaml", n=200)
    with Server(live) as server:
        threading.Thread(target=server.serve_forever).start()
        flags = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
            "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
            "--remote-allow-origins=*", f"--user-data-dir={tmp_path / 'profile'}", "about:blank",
        ]  # fmt: skip
        chromium = subprocess.Popen([str(browser.CHROMIUM), *flags], stderr=subprocess.PIPE, text=True)
        try:
            assert chromium.stderr is not None
            said = next(line for line in chromium.stderr if "DevTools listening" in line)
            port = int(re.search(r":(\d+)/", said)[1])  # type: ignore[index]
            slides = [_WAIT.format(act=_SLIDE.format(i=0, value=value)) for value in (0.3, 0.9, 0.7, 0.4, 0.8)]
            uncheck = "document.querySelectorAll('#variants input')[1].click()"
            shown = "document.getElementById('table').textContent"
            wrong = "document.getElementById('wrong').textContent"
            steps = [_WAIT.format(act=""), *slides, uncheck, shown, wrong]
            first, *moved, _, table, mistakes = asyncio.run(_drive(port, server.url, steps))
        finally:
            chromium.terminate()
            chromium.wait()
            server.shutdown()
    assert mistakes == ""
    assert "with_mediation" in first[1] and "with_mediation" not in table
    assert len({each[1] for each in (first, *moved)}) == 6  # the numbers are others
    milliseconds = min(each[0] for each in moved)
    assert milliseconds < 1000 * busy(folder), moved


def test_the_command_prints_its_address_and_ends(folder: Path) -> None:
    command = [sys.executable, "-m", "entente", "explore", "three.yaml", "-n", "5", "--param", f"{RATE}=1:9"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    try:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{20,}", address)
        page = urllib.request.urlopen(address, timeout=30).read().decode()
        assert '"low": 1.0, "high": 9.0' in page
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 0
    with pytest.raises(OSError):
        urllib.request.urlopen(address, timeout=5)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nothing.yaml"], 66, "nothing.yaml"),
        (["three.yaml", "--param", "kinds.cal"], 65, "no parameter 'kinds.cal'"),
        (["three.yaml", "--param", f"{RATE}=1"], 64, "PATH=LOW:HIGH is expected"),
        (["three.yaml", "--tie", "AAA-XXX", "-n", "5"], 65, "no tie 'AAA-XXX'"),
        (["three.yaml", "--port", "99999", "-n", "5"], 64, "--port 99999"),
        (["bad.yaml"], 65, "bad.yaml:15:22: error"),
    ],
)
def test_mistakes_are_told(folder: Path, words: list[str], code: int, said: str) -> None:
    (folder / "bad.yaml").write_text(SCENARIO.replace("per_year: 4", "per_year: -4"))
    command = [sys.executable, "-m", "entente", "explore", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=60)
    assert (done.returncode, done.stdout) == (code, "") and said in done.stderr


def test_widgets_follow_the_sliders(folder: Path) -> None:
    widgets = pytest.importorskip("ipywidgets")
    box = entente.explore(entente.Scenario.from_yaml(folder / "three.yaml"), [RATE], tie="BBB-AAA", n=20)
    left, picture = box.children
    choice, knobs, switches, again, table = left.children
    label, slider = knobs.children
    assert label.value == RATE
    assert isinstance(slider, widgets.FloatSlider) and choice.value == "AAA-BBB"
    seen = [(bytes(picture.value), table.value)]
    assert seen[0][0].startswith(b"\x89PNG")
    begun = time.monotonic()
    slider.value = slider.max
    assert time.monotonic() - begun < 5
    seen.append((bytes(picture.value), table.value))
    switches.children[0].value = False
    seen.append((bytes(picture.value), table.value))
    choice.value = "AAA-CCC"
    seen.append((bytes(picture.value), table.value))
    assert len({each[0] for each in seen}) == 4
    assert "silence" in seen[1][1] and "silence" not in seen[2][1]
    again._handle_button_msg(None, {"event": "click"}, [])  # what the front end sends
    assert slider.value == 4


def test_without_ipywidgets_the_package_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ModuleNotFoundError, match="package ipywidgets, which is not installed: pip install ipywidgets"):
        entente.explore(folder / "three.yaml", [RATE], n=5)
