"""A large output file of random data, in the layout and chunks of the program's own (docs/output-format.md).

    python3 tests/python/large.py PATH GIGABYTES

Of the shape of the shipped scenario's: eight ties at 55 times, some thousand events a replicate, as many replicates
as fill the size. Trajectories are random and all different, rounded as the program rounds them; each column
of the events has some dozen different random chunks, written in turn.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import h5py
import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "support"))
from sealing import seal
from synthetic import COLUMNS, FLAGS, KINDS

ACTORS = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH", "USA"]
TIES = [f"{actor}-USA" for actor in ACTORS[:-1]]
VARIANTS = ["base", "other"]
DAYS = np.arange(55) * 7.0
BLOCK = 10  # replicates a chunk
ROWS = 65_536  # events a chunk
EVENTS = 3300  # a replicate and variant
POOL = 24


def trajectory(rng: np.random.Generator, columns: int) -> np.ndarray:
    """Random walks [replicate, time, column] in [-1, 1], rounded to 1/512."""
    steps = rng.normal(0, 0.03, (BLOCK, DAYS.size, columns)).cumsum(axis=1)
    return (np.round(np.tanh(steps + rng.normal(0, 0.3, columns)) * 512) / 512).astype("<f4")


def column(rng: np.random.Generator, name: str) -> np.ndarray:
    """A chunk of one column of the events."""
    dtype = np.dtype(COLUMNS[name])
    if name == "time":
        return np.sort(rng.uniform(0, DAYS[-1], ROWS)).astype(dtype)
    if name in ("effect", "strength"):
        return rng.normal(0, 0.1, ROWS).astype(dtype)
    if name == "value_usd":
        return np.where(rng.uniform(size=ROWS) < 0.1, rng.lognormal(20, 1, ROWS), np.nan).astype(dtype)
    if name in ("parent", "summit"):
        none = {"parent": 0.7, "summit": 0.98}[name]
        return np.where(rng.uniform(size=ROWS) < none, -1, rng.integers(0, EVENTS, ROWS)).astype(dtype)
    if name == "cause":
        calendar, others = FLAGS[name].index("calendar"), len(FLAGS[name]) - 1
        drawn = (calendar + rng.integers(1, others + 1, ROWS)) % (others + 1)
        return np.where(rng.uniform(size=ROWS) < 0.01, calendar, drawn).astype(dtype)
    ends = {"kind": len(KINDS), "initiator": len(ACTORS), "target": len(ACTORS), "success": 2}
    ends |= {flag: len(names) for flag, names in FLAGS.items()}
    return rng.integers(0 if name in ends else -1, ends.get(name, 0), ROWS).astype(dtype)


def write(path: Path, size: float) -> Path:
    """Write a file of at least `size` bytes to `path`, and return it."""
    rng = np.random.default_rng(7)
    pool = {name: [zlib.compress(column(rng, name).tobytes(), 1) for _ in range(POOL)] for name in COLUMNS}
    own = sum(len(zlib.compress(trajectory(rng, n).tobytes(), 1)) for n in (8, 8, 16)) / BLOCK
    a_row = sum(len(chunks[0]) for chunks in pool.values()) / ROWS
    per_replicate = len(VARIANTS) * (own + EVENTS * a_row)
    replicates = BLOCK * int(np.ceil(1.02 * size / per_replicate / BLOCK))
    rows = ROWS * int(np.ceil(len(VARIANTS) * replicates * EVENTS / ROWS))
    text = h5py.string_dtype()
    with h5py.File(path, "w", track_order=True) as file:
        file.attrs.update({"Conventions": "CF-1.8", "entente_schema": "2.0", "title": "Large"})
        flows = [flow for a, b in (tie.split("-") for tie in TIES) for flow in (f"{a}->{b}", f"{b}->{a}")]
        scales = {
            "variant": (VARIANTS, text), "replicate": (np.arange(replicates), "i8"), "time": (DAYS, "f8"),
            "tie": (TIES, text), "flow": (flows, text), "kind": (KINDS, text), "actor": (ACTORS, text),
        }  # fmt: skip
        for name, (data, dtype) in scales.items():
            file.create_dataset(name, data=data, dtype=dtype).make_scale(name)
        file["time"].attrs.update(units="days since 2025-12-23 00:00:00", calendar="proleptic_gregorian")
        status = file.create_dataset("status", data=np.zeros((len(VARIANTS), replicates), "i1"))
        for axis, dim in enumerate(["variant", "replicate"]):
            status.dims[axis].attach_scale(file[dim])

        for name, along in (("strength", "tie"), ("alignment", "tie"), ("trade", "flow")):
            items = len(file[along])
            dataset = file.create_dataset(
                name, (len(VARIANTS), replicates, DAYS.size, items), "<f4",
                chunks=(1, BLOCK, DAYS.size, items), compression="gzip", compression_opts=1, fillvalue=np.nan,
            )  # fmt: skip
            for axis, dim in enumerate(["variant", "replicate", "time", along]):
                dataset.dims[axis].attach_scale(file[dim])
            for v in range(len(VARIANTS)):
                for r in range(0, replicates, BLOCK):
                    dataset.id.write_direct_chunk((v, r, 0, 0), zlib.compress(trajectory(rng, items).tobytes(), 1))

        events = file.create_group("events", track_order=True)
        for name, dtype in COLUMNS.items():
            dataset = events.create_dataset(
                name, (rows,), dtype, chunks=(ROWS,), compression="gzip", compression_opts=1
            )
            for i in range(rows // ROWS):
                dataset.id.write_direct_chunk((i * ROWS,), pool[name][i % POOL])
            if name in FLAGS:
                dataset.attrs["flag_meanings"] = " ".join(FLAGS[name])
        events["time"].attrs["units"] = file["time"].attrs["units"]
        counts = np.full((len(VARIANTS), replicates), EVENTS)
        events.create_dataset("count", data=counts)
        events.create_dataset("offset", data=(counts.cumsum() - EVENTS).reshape(counts.shape))
    return seal(path, chunks=True)


if __name__ == "__main__":
    write(Path(sys.argv[1]), float(sys.argv[2]) * 1e9)
