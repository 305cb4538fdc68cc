"""Result files that are not as they were written, by accident or by hand: told or refused by all that read them,
without a crash and within a time. Run with $ENTENTE a build under sanitizers, the same tests look for reads outside.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

import mutants
import runs
from entente import seal as seals
from sealing import seal, size_of_content


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


@pytest.fixture(scope="module")
def scenario(folder: Path) -> Path:
    return runs.write_scenario(folder, runs.SCENARIO.replace("replicates: 60", "replicates: 6"))


@pytest.fixture(scope="module")
def out(folder: Path, scenario: Path) -> Path:
    path = folder / "out.h5"
    runs.run(scenario, path, "--block", 2, "-q")
    return path


@pytest.fixture(scope="module")
def swept(folder: Path, scenario: Path) -> Path:
    path = folder / "swept.h5"
    options = ("-n", 4, "--points", 4, "--design", "saltelli", "--param=kinds.call.effect.lasting=0:0.3", "-q")
    done = runs.entente("sweep", scenario, "-o", path, "--everything", *options)
    assert done.returncode == 0, done.stderr
    return path


def go(*arguments: object) -> subprocess.CompletedProcess[str]:
    """As runs.entente, and never a crash, a report of a sanitizer, or a minute."""
    command = [runs.ENTENTE, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, errors="replace")
    assert done.returncode >= 0, f"{command}: {signal.strsignal(-done.returncode)}\n{done.stderr}"
    assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, f"{command}\n{done.stderr}"
    assert done.returncode == 0 or done.stderr, command
    return done


def readers(scenario: Path, path: Path) -> list[Callable[[], int]]:
    """Everything that reads a result, each giving the exit code that it would end with."""

    def in_python() -> int:
        try:
            seals.check(path)
        except ValueError:
            return 65
        return 0

    return [
        lambda: go("show", path).returncode,
        lambda: go("compare", path).returncode,
        lambda: go("check", path).returncode,
        lambda: go("run", scenario, "-o", path, "--block", 2, "-q", "-n", 8).returncode,
        in_python,
    ]


def flip(source: Path, target: Path, seed: int) -> str:
    rng = random.Random(seed)
    data = bytearray(source.read_bytes())
    at, bit = rng.randrange(len(data)), rng.randrange(8)
    data[at] ^= 1 << bit
    target.write_bytes(data)
    return f"bit {bit} of byte {at}"


def flip_bits(out: Path, scenario: Path, folder: Path, n: int) -> None:
    target = folder / "flipped.h5"
    for i in range(n):
        where = flip(out, target, i)
        before = target.read_bytes()
        for read in readers(scenario, target):
            assert read() in (65, 66, 73), where
        assert target.read_bytes() == before  # a damaged file is left as it is


def test_flipped_bits_are_told(out: Path, scenario: Path, folder: Path) -> None:
    flip_bits(out, scenario, folder, 40)


@pytest.mark.long
def test_4000_flipped_bits_are_told(out: Path, scenario: Path, folder: Path) -> None:
    flip_bits(out, scenario, folder, 4000)


def test_cut_and_lengthened_files_are_told(out: Path, scenario: Path, folder: Path) -> None:
    target, data = folder / "cut.h5", out.read_bytes()
    for changed in (data[:-1], data[: len(data) // 2], data + b"\0", data[: size_of_content(out)], data[:512],
                    data[1:]):
        target.write_bytes(changed)
        for read in readers(scenario, target):
            assert read() in (65, 66, 73)


def test_a_file_that_was_changed_is_told(out: Path, scenario: Path, folder: Path) -> None:
    target = Path(shutil.copy(out, folder / "changed.h5"))
    with h5py.File(target, "r+") as file:
        file["quantity_value"][0, 0, 0] = 0.5
    for read in readers(scenario, target):
        assert read() in (65, 66, 73)
    seal(target)
    assert go("show", target).returncode == 0  # whoever seals it takes it upon themselves


def mutate(source: Path, scenario: Path, folder: Path, seeds: range) -> None:
    target, made = folder / "mutant.h5", folder / "made.h5"
    tried = told = 0
    for seed in seeds:
        changes = mutants.mutant(source, target, seed)
        if not changes:
            continue
        tried += 1
        codes = [go("show", target).returncode, go("compare", target).returncode, go("check", target).returncode]
        codes.append(go("run", scenario, "-o", target, "--block", 2, "-q", "-n", 8).returncode)
        mutants.mutant(source, target, seed)
        made.unlink(missing_ok=True)
        shutil.rmtree(f"{made}.parts", ignore_errors=True)
        codes.append(go("run", target, "-n", 2, "-j1", "-q", "-o", made).returncode)
        assert set(codes) <= {0, 64, 65, 66, 70, 73}, (changes, codes)
        told += any(codes)
    assert told > tried / 3 > 0, "the changes are not ones that matter"


def test_mutants_are_refused_or_read(out: Path, swept: Path, scenario: Path, folder: Path) -> None:
    mutate(out, scenario, folder, range(25))
    mutate(swept, scenario, folder, range(1000, 1015))


@pytest.mark.long
def test_700_mutants_are_refused_or_read(out: Path, swept: Path, scenario: Path, folder: Path) -> None:
    mutate(out, scenario, folder, range(500))
    mutate(swept, scenario, folder, range(1000, 1200))


HEAP = b"GCOL"  # a collection of texts: its size is at 8, that of its first text at 24


@pytest.mark.parametrize(("which", "at", "size"), [
    (0, 8, 64),  # as large as libhdf5 1.10 does not survive
    (0, 8, 2**64 - 1),  # more memory than there is
    (0, 24, 2**64 - 1),
    (0, 24, 2**64 - 16),  # for which it loops without end
    (2, 24, 2**31 - 1),
])
def test_what_the_library_does_not_survive(out: Path, scenario: Path, folder: Path, which: int, at: int,
                                           size: int) -> None:
    """A made-up file, sealed, on which libhdf5 crashes or never ends: told by all of the program that reads it."""
    content = out.read_bytes()
    heap = -1
    for _ in range(which + 1):
        heap = content.index(HEAP, heap + 1)
    path = folder / "made-up.h5"
    path.write_bytes(content[:heap + at] + size.to_bytes(8, "little") + content[heap + at + 8:])
    before = seal(path).read_bytes()
    commands = [("run", scenario, "-n", 8, "-o", path, "-q")]
    if size != 2**64 - 16:
        commands += [("show", path), ("compare", path), ("run", path, "-o", folder / "other.h5", "-q")]
    for command in commands:
        done = go(*command)
        assert done.returncode in (0, 65, 66, 70), done.stderr
        assert which == 2 or done.returncode, command
        assert path.read_bytes() == before or not done.returncode
        path.write_bytes(before)


def first_that_matters(packed: bytes) -> int:
    """A byte from the middle on whose flip is damage: in equal values a flip may lead to another copy of the same."""
    for at in range(len(packed) // 2, len(packed)):
        spoilt = bytearray(packed)
        spoilt[at] ^= 8
        try:
            zlib.decompress(bytes(spoilt))
        except zlib.error:
            return at
    raise AssertionError("the chunk is not compressed")


@pytest.mark.long
def test_a_file_beyond_the_size_that_is_read_whole(tmp_path: Path, scenario: Path) -> None:
    """Names and numbers are compared when it is opened, a compressed chunk when it is read, all of it by `check`."""
    text = scenario.read_text().replace("replicates: 6", "replicates: 7000").replace("every: 1 week", "every: 1 d")
    text = text.replace("precision: {strength: 0.001, trade: 0.001}", "precision: {strength: 0, trade: 0}")
    path = tmp_path / "large.h5"
    runs.run(runs.write_scenario(tmp_path, text), path, "-q")
    size = size_of_content(path)
    assert size > seals.WHOLE_BYTES
    with h5py.File(path) as file:
        chunk = file["trade"].id.get_chunk_info_by_coord((1, 2000, 0, 0))
        label = file["actor_label"].id.get_offset()
    assert go("show", path).returncode == 0
    inside = chunk.byte_offset + first_that_matters(path.read_bytes()[chunk.byte_offset:][:chunk.size])
    with path.open("r+b") as file:
        for at, noticed in ((inside, False), (label, True), (50, True)):
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 8]))
            file.flush()
            assert (go("show", path).returncode != 0) == noticed
            assert go("check", path).returncode == 65
            seals_told = False
            try:
                seals.check(path)
            except ValueError:
                seals_told = True
            assert seals_told == noticed
            with pytest.raises(ValueError, match="damaged"):
                seals.check(path, whole=True)
            if at == inside:
                told = go("compare", path, "trade:AAA->BBB@2026-01-02")
                assert told.returncode == 65 and "trade" in told.stderr
                grown = go("run", tmp_path / "three.yaml", "-o", path, "-q", "-n", 8000)
                assert grown.returncode == 65 and "damaged" in grown.stderr
            file.seek(at)
            file.write(bytes([byte]))
            file.flush()
    assert go("check", path).returncode == 0
