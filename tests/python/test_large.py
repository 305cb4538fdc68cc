"""Of a file of gigabytes, opening it and drawing one tie's fan read little and take little memory."""

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

#: Run in a process of its own: what has been read so far and the largest memory so far, in MB, after each step.
LOOK = """
import json, sys
import entente
import matplotlib.pyplot

def used():
    return [
        int(line.split()[1]) / scale
        for path, name, scale in [("io", "rchar:", 1e6), ("status", "VmHWM:", 1024)]
        for line in open(f"/proc/self/{path}") if line.startswith(name)
    ]

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
    if not Path("/proc/self/io").exists():
        pytest.skip("no /proc that counts what is read")
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
        f"{status.st_size / 1e9:.2f} GB, {saw['replicates']:,} replicates: imported {before:.0f} MB; opening reads "
        f"{opened - start:.0f} MB, the fan {drawn - opened:.0f} MB; {memory:.0f} MB of memory"
    )
    assert opened - start < 200
    assert drawn - opened < 200
    assert memory < 300
    assert len(saw["median"]) == large.DAYS.size
    assert max(abs(value) for value in saw["median"]) < 0.05  # walks from zero
