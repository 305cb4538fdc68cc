"""A file of gigabytes opens at once, and one tie's fan takes little memory and time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import large

SIZE = 5.05e9

#: Run in a process of its own: seconds of the processor and the largest memory so far, in MB, after each step.
LOOK = """
import json, sys, time
import entente
import matplotlib.pyplot

def used():
    with open("/proc/self/status") as status:
        (line,) = [line for line in status if line.startswith("VmHWM")]
    return [time.process_time(), int(line.split()[1]) / 1024]

steps = [used()]
result = entente.open_result(sys.argv[1])
steps.append(used())
figure = result.fan(["AAA-USA"])
steps.append(used())
(line,) = [item for item in figure.axes[0].get_lines() if item.get_label() == "base"]
print(json.dumps({"steps": steps, "replicates": result.data.sizes["replicate"], "median": list(line.get_ydata())}))
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("large")
    if shutil.disk_usage(folder).free < 4 * SIZE:
        pytest.skip(f"less than {4 * SIZE / 1e9:.0f} GB free in {folder}")
    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc to read the memory from")
    written = large.write(folder / "large.h5", SIZE)
    yield written
    written.unlink()


@pytest.mark.long
def test_one_tie_of_a_large_file(path: Path) -> None:
    status = path.stat()
    assert status.st_size >= 5e9
    assert status.st_blocks * 512 >= 0.99 * status.st_size  # not sparse
    done = subprocess.run([sys.executable, "-c", LOOK, str(path)], capture_output=True, text=True, check=True)
    saw = json.loads(done.stdout)
    (start, before), (opened, _), (drawn, memory) = saw["steps"]
    print(
        f"{status.st_size / 1e9:.2f} GB, {saw['replicates']:,} replicates: imported {before:.0f} MB; "
        f"opened in {opened - start:.2f} s; fan in {drawn - opened:.2f} s, {memory:.0f} MB"
    )
    # Seconds of the processor: those of the clock depend on what else the machine does.
    assert opened - start < 1
    assert drawn - opened < 2
    assert memory < 300
    assert len(saw["median"]) == large.DAYS.size
    assert max(abs(value) for value in saw["median"]) < 0.05  # walks from zero
