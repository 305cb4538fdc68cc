"""Output files that are not as the specification says, and sealed all the same: as somebody might make them by hand."""

from __future__ import annotations

import random
from pathlib import Path

import h5py
import numpy as np

from sealing import seal

TEXT = h5py.string_dtype("utf-8")
TYPES = ["f4", "i1", "u8", "S3", TEXT, "f8", ">i4", "i8", "f2", np.dtype([("a", "i4"), ("b", "f8")]), "V5",
         h5py.vlen_dtype(np.int32), np.dtype("(3,)f8"), h5py.ref_dtype, bool]  # fmt: skip
NUMBERS = [-1, 0, 1, 2**31, 2**62, float("nan"), 1e300, -1e300, float("inf")]
MOST_BYTES = 64 << 20
ATTRIBUTES = [*NUMBERS, "", "x" * 100, "2.0", "3.1", np.arange(768, dtype="u8"), np.array([1, 2, 3]),
              np.array(["a", "bb"], dtype=TEXT), np.bytes_(b"a" * 60000), h5py.Empty("f8")]  # fmt: skip


def _names(file: h5py.File) -> list[str]:
    names: list[str] = []
    file.visit(names.append)
    return names


def _numbers(rng: random.Random, dataset: h5py.Dataset) -> np.ndarray:
    """The same shape and type with other values."""
    data = dataset[()]
    if dataset.dtype.kind == "O":
        texts = ["", "x", "x" * 70000, "\udcff\x1b[31m", "café", "a/../b", "%s%n"]
        raw = [rng.choice(texts).encode(errors="surrogateescape") for _ in range(max(1, data.size))]
        return np.array(raw, dtype=object).reshape(data.shape) if data.shape else raw[0]
    flat = np.array(data).reshape(-1)
    with np.errstate(all="ignore"):
        for i in rng.sample(range(flat.size), min(flat.size, 1 + flat.size // 3)):
            value = rng.choice(NUMBERS)
            if flat.dtype.kind == "f":
                flat[i] = value
            else:
                limits = np.iinfo(flat.dtype)
                flat[i] = rng.choice([limits.min, limits.max, 0, limits.max // 2])
    return flat.reshape(np.shape(data))


def _change_dataset(rng: random.Random, file: h5py.File, name: str) -> str:
    dataset = file[name]
    shape, dtype, data = dataset.shape, dataset.dtype, _numbers(rng, dataset)
    how = rng.choice(["scalar", "empty", "longer", "shape", "rank", "huge", "type", "values", "values", "values",
                      "link",
                      "outside", "external", "virtual", "filter", "null", "group", "hollow"])  # fmt: skip
    del file[name]
    if how == "scalar":
        file[name] = rng.choice([7, "x", 1.5])
    elif how == "empty":
        file.create_dataset(name, shape=(0,), dtype=dtype, maxshape=(None,))
    elif how == "longer":
        file.create_dataset(name, data=np.resize(data, 1 + 2 * np.size(data)), dtype=dtype)
    elif how == "shape":
        file.create_dataset(name, shape=tuple(max(0, n + rng.choice([-1, 1, 1000])) for n in shape) or (3,),
                            dtype=dtype)
    elif how == "rank":
        file.create_dataset(name, shape=(4, *shape), dtype=dtype)
    elif how == "huge":
        sizes = tuple(rng.choice([10**6, 10**12, 2**40]) for _ in shape) or (2**40,)
        file.create_dataset(name, shape=sizes, chunks=(16,) * len(sizes), dtype=dtype)
    elif how == "type":
        file.create_dataset(name, shape=shape or (2,), dtype=rng.choice(TYPES))
    elif how == "values":
        file.create_dataset(name, data=data, dtype=dtype, chunks=True if shape else None,
                            compression="gzip" if shape else None)  # fmt: skip
    elif how == "link":
        file[name] = h5py.SoftLink(rng.choice(["/", "/variant", "/nowhere", f"/{name}"]))
    elif how == "outside":
        file[name] = h5py.ExternalLink("/etc/hostname", "/variant")
    elif how == "external":
        if dtype.kind == "O" or not shape:
            dtype, shape = np.dtype("i8"), (3,)
        file.create_dataset(name, shape=shape, dtype=dtype, external=[("/etc/hostname", 0, h5py.h5f.UNLIMITED)])
    elif how == "virtual":
        layout = h5py.VirtualLayout(shape or (3,), dtype if dtype.kind != "O" else "i8")
        layout[...] = h5py.VirtualSource(".", "status", shape or (3,))
        file.create_virtual_dataset(name, layout)
    elif how == "filter":
        file.create_dataset(name, data=data, dtype=dtype, chunks=True if shape else None,
                            compression=rng.choice(["lzf", None]), fletcher32=bool(shape))  # fmt: skip
    elif how == "null":
        file[name] = h5py.Empty(dtype)
    elif how == "group":
        file.create_group(name)
    else:  # no bytes for what it claims
        file.create_dataset(name, shape=shape, dtype=dtype, maxshape=tuple(None for _ in shape), chunks=True)
    return f"{how} {name}"


def _change(rng: random.Random, file: h5py.File) -> str:
    name = rng.choice([*_names(file), "/"])
    item = file[name]
    if rng.random() < 0.1 and name != "/":
        del file[name]
        return f"del {name}"
    if isinstance(item, h5py.Dataset) and rng.random() < 0.8:
        return _change_dataset(rng, file, name)
    own = list(item.attrs)
    key = rng.choice(own) if own else "units"
    value = rng.choice(ATTRIBUTES)
    item.attrs.pop(key, None)
    if rng.random() < 0.8:
        item.attrs[key] = value
    return f"{name}@{key} = {value!r:.40}"


def mutant(source: Path, target: Path, seed: int) -> list[str]:
    """Make `target` of `source` with one to three changes, told in words; none if the changes cannot be made."""
    rng = random.Random(seed)
    data = source.read_bytes()
    target.write_bytes(data)
    changes = []
    try:
        with h5py.File(target, "r+") as file:
            for _ in range(rng.choice([1, 1, 1, 2, 3])):
                changes.append(_change(rng, file))
    except (OSError, TypeError, ValueError, KeyError, RuntimeError, AttributeError):  # h5py cannot
        return []
    if target.stat().st_size > MOST_BYTES:  # whoever reads it, and seals it, takes as long as it is large
        return []
    seal(target)
    return changes
