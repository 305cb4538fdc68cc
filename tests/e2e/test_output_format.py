"""A real file and docs/output-format.md say the same, and the readers people use open it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

import runs

SPECIFICATION = Path(__file__).parents[2] / "docs" / "output-format.md"
WITH_ALL = runs.SCENARIO.replace("  silence: {drop", "  silence: {label: No call, drop").replace(
    "    scope: initiator -> target\n    level: leader",
    "    label: Call\n    scope: initiator -> target\n    level: leader",
).replace("{uniform: [4, 8]}", "{uniform: [4, 8], label: Rate of calls}").replace(
    "monte_carlo:",
    "  effects.gain_divisor: {lognormal: {median: 100, sigma: 0.1}}\n"
    "  joint: {two: {parameters: [kinds.call.rate.per_year, effects.gain_divisor], correlation: [[1], [0.5, 1]]}}\n"
    "choose: {max: calls}\n"
    "monte_carlo:",
)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("format")
    path = folder / "out.h5"
    runs.run(runs.write_scenario(folder, WITH_ALL), path, "--set", "kinds.call.effect.lasting=0.2", "--block", 25)
    return path


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two small sweeps whose designs tell different indices."""
    folder = tmp_path_factory.mktemp("sweeps")
    scenario = runs.write_scenario(folder)
    files = [folder / "saltelli.h5", folder / "morris.h5"]
    for path in files:
        options = ("-n", 4, "--points", 4, "--design", path.stem, "--param=kinds.call.effect.lasting=0:0.3")
        done = runs.entente("sweep", scenario, "-o", path, "--everything", *options)
        assert done.returncode == 0, done.stderr
    return files


def specified() -> dict[str, dict[str, str]]:
    """Objects of the specification's tables by path."""
    objects = {}
    for line in SPECIFICATION.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 5 and re.fullmatch(r"`[\w/]+`", cells[0]):
            objects[cells[0].strip("`")] = dict(zip(("type", "dimensions", "if"), cells[1:4], strict=True))
    return objects


def found(path: Path) -> dict[str, dict[str, str]]:
    """Objects of a file by path, told as the specification does."""
    objects = {}

    def visit(name: str, item: h5py.Dataset | h5py.Group) -> None:
        if not isinstance(item, h5py.Dataset):
            return
        own = name.rsplit("/", 1)[-1]
        dimensions = [own] if h5py.h5ds.is_scale(item.id) else [axis[0].name.rsplit("/", 1)[-1] for axis in item.dims]
        kind = "text" if h5py.check_string_dtype(item.dtype) else item.dtype.newbyteorder("=").name
        objects[name] = {"type": kind, "dimensions": ", ".join(dimensions)}

    with h5py.File(path) as file:
        file.visititems(visit)
    return objects


def test_everything_in_the_file_is_specified(out: Path) -> None:
    specification = specified()
    for name, item in found(out).items():
        assert name in specification, f"{name} stands in the file and not in {SPECIFICATION.name}"
        for key, value in item.items():
            assert specification[name][key] == value, f"{name}: {key}"


def test_everything_in_a_sweep_is_specified(sweeps: list[Path]) -> None:
    specification = specified()
    for path in sweeps:
        objects = found(path)
        with h5py.File(path) as file:
            swept = [name.decode() for name in file["sensitivity/swept"]]
            assert file["sensitivity"].attrs["design"].decode() == path.stem
            assert file.attrs["coordinates"].decode().split() == swept
        for name in swept:
            assert objects.pop(name) == {"type": "float64", "dimensions": "point"}
        for name, item in objects.items():
            wanted = specification[name]
            dimensions = wanted["dimensions"].split(", ")
            of_points = "replicate" in dimensions or (name.startswith("summary/") and "variant" in dimensions)
            if of_points and dimensions != [name.rsplit("/", 1)[-1]]:
                dimensions.insert(0, "point")
            assert item == {"type": wanted["type"], "dimensions": ", ".join(dimensions)}, name


def test_everything_specified_is_in_the_file(out: Path, sweeps: list[Path]) -> None:
    missing = set(specified()) - set(found(out)) - set().union(*map(found, sweeps))
    assert not missing, missing  # the scenario has some of each, so no condition excuses


def test_what_has_no_condition_is_in_the_smallest_file(tmp_path: Path) -> None:
    smallest = re.sub(r"(?ms)^(groups|quantities|uncertain|history|output):.*?(?=^\w)", "", runs.SCENARIO + "end:\n")
    smallest = smallest.replace("end:\n", "").replace("    sectors: {energy: 0.5, mining: 0.5}\n", "")
    path = tmp_path / "out.h5"
    runs.run(runs.write_scenario(tmp_path, smallest), path, "-n", 3)
    unconditional = {name for name, item in specified().items() if not item["if"]}
    assert unconditional <= set(found(path)), unconditional - set(found(path))
    assert set(found(path)) <= set(specified())


def test_attributes_are_specified(out: Path) -> None:
    text = SPECIFICATION.read_text()
    with h5py.File(out) as file:
        for name in [*file.attrs, *file["summary"].attrs, *file["histogram/strength"].attrs]:
            assert f"`{name}`" in text, name
        for name in file["provenance"].attrs:
            assert f"`{name}`" in text or name.startswith("library_"), name
        for name in re.findall(r"^\| `(\w+)` \| \w+ \| [^|]* \|$", text, re.M):
            assert name in file.attrs, name
        assert file.attrs["entente_schema"].decode() in text


@pytest.mark.parametrize("engine", ["netcdf4", "h5netcdf"])
def test_xarray_opens_it_with_names_and_dates(out: Path, engine: str) -> None:
    with xr.open_dataset(out, engine=engine) as data:
        assert data["strength"].dims == ("variant", "replicate", "time", "tie")
        assert list(data["tie"].values) == ["AAA-BBB", "AAA-CCC"]
        assert list(data["flow"].values) == ["AAA->BBB", "BBB->AAA", "AAA->CCC", "CCC->AAA"]
        assert list(data["variant"].values) == ["base", "silence"]
        assert data["time"].values[0] == np.datetime64("2026-01-01")
        assert data["time"].values[-1] == np.datetime64("2027-01-01")
        assert data["strength"].dtype == np.float32
        assert float(data["strength"].sel(tie="AAA-CCC").isel(time=0).max()) == pytest.approx(-0.3, abs=1e-3)
        assert bool(data["strength"].notnull().all())
        assert bool(data["trade"].sel(flow="AAA->CCC").isnull().all())
        assert set(data["quantity_unit"].coords) >= {"quantity"}
    for group in ("events", "summary", "provenance", "histogram/strength"):
        with xr.open_dataset(out, engine=engine, group=group) as data:
            assert data.variables
            data.load()


def test_netcdf_and_hdf5_tools_read_it(out: Path) -> None:
    header = subprocess.run(["ncdump", "-h", out], capture_output=True, text=True, check=True).stdout
    assert "float strength(variant, replicate, time, tie) ;" in header
    names = subprocess.run(["ncdump", "-v", "tie", out], capture_output=True, text=True, check=True).stdout
    assert '"AAA-BBB", "AAA-CCC"' in names
    subprocess.run(["h5dump", "-H", out], capture_output=True, check=True)


# What a reader in R would do: names, a mean a quantity of the base variant, a cell, a column of the log, a title.
# R has the first dimension last.
IN_R = {
    "ncdf4": """
        library(ncdf4); f <- nc_open(commandArgs(TRUE)[1])
        read <- function(name) ncvar_get(f, name)
        title <- ncatt_get(f, 0, "title")$value
    """,
    "rhdf5": """
        library(rhdf5); path <- commandArgs(TRUE)[1]
        read <- function(name) h5read(path, name)
        title <- h5readAttributes(path, "/")$title
    """,
}
R_PRINTS = """
    cat(title, "\\n"); cat(read("quantity"), sep = ","); cat("\\n")
    values <- read("quantity_value")
    for (q in seq_len(dim(values)[1])) cat(sprintf("%.15g\\n", mean(values[q, , 1])))
    cat(sprintf("%.9g\\n", read("strength")[2, 5, 10, 2]))
    cat(sprintf("%.15g\\n", sum(read("events/effect"))))
    cat(sprintf("%.15g\\n", read("summary/mean")[1, 2]))
"""


@pytest.mark.parametrize("package", IN_R)
def test_r_reads_it(out: Path, tmp_path: Path, package: str) -> None:
    script = tmp_path / "read.R"
    script.write_text(IN_R[package] + R_PRINTS)
    if not shutil.which("Rscript"):
        pytest.skip("R is not installed (r-base-core, and r-cran-ncdf4 or r-bioc-rhdf5)")
    if subprocess.run(["Rscript", "-e", f"library({package})"], capture_output=True).returncode:
        pytest.skip(f"R has no package {package}")
    said = subprocess.run(["Rscript", script, out], capture_output=True, text=True, check=True).stdout.splitlines()
    with h5py.File(out) as file:
        names = [name.decode() for name in file["quantity"][()]]
        assert said[:2] == ["Three states ", ",".join(names)]
        cell, effects = file["strength"][1, 9, 4, 1], file["events/effect"][()].sum(dtype=float)
        wanted = [*file["quantity_value"][0].mean(axis=0), cell, effects, file["summary/mean"][1, 0]]
    np.testing.assert_allclose([float(line.replace("Inf", "inf")) for line in said[2:]], wanted, rtol=1e-7)


def test_rounding_is_as_stated(out: Path, tmp_path: Path) -> None:
    exact = tmp_path / "exact.h5"
    text = WITH_ALL.replace("precision: {strength: 0.001, trade: 0.001}", "precision: {strength: 0, trade: 0}")
    runs.run(runs.write_scenario(tmp_path, text), exact, "--set", "kinds.call.effect.lasting=0.2")
    with xr.open_dataset(out) as rounded, xr.open_dataset(exact) as other:
        for name in ("strength", "alignment"):
            error = rounded[name].attrs["absolute_error"]
            assert 0 < error <= 0.001
            assert float(abs(rounded[name] - other[name]).max()) <= error * (1 + 1e-6)
            assert bool((rounded[name] % (2 * error) == 0).all()) and not bool((other[name] % (2 * error) == 0).all())
            assert "absolute_error" not in other[name].attrs
        error = rounded["trade"].attrs["relative_error"]
        assert 0 < error <= 0.001
        assert float(abs(rounded["trade"] / other["trade"] - 1).max()) <= error * (1 + 1e-6)


def test_summaries_are_those_of_what_is_stored(out: Path) -> None:
    with xr.open_dataset(out) as data, xr.open_dataset(out, group="summary") as summary:
        values = data["quantity_value"].load()
        finite = values.where(np.isfinite(values), data.attrs["horizon_days"])  # a first time that does not come
        np.testing.assert_allclose(summary["mean"], finite.mean("replicate"), rtol=1e-12)
        np.testing.assert_allclose(summary["sd"], finite.std("replicate", ddof=1), rtol=1e-12)
        np.testing.assert_array_equal(summary["n_finite"], np.isfinite(values).sum("replicate"))
        some = values.sel(quantity=["b_strength", "calls", "value"])
        wanted = some.quantile(summary["probability"].values, "replicate").transpose("variant", "quantity", "quantile")
        np.testing.assert_allclose(summary["quantiles"].sel(quantity=some["quantity"]), wanted, rtol=1e-12)
        gap = finite - finite.sel(variant="base")
        np.testing.assert_allclose(summary["difference"], gap.mean("replicate"), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(summary["difference_sd"], gap.std("replicate", ddof=1), rtol=1e-9, atol=1e-12)
        np.testing.assert_array_equal(summary["n_differ"], (gap != 0).sum("replicate"))
        for carriers, column in (("mean_carriers", finite), ("difference_carriers", gap)):
            off = column - column.mean("replicate")
            wanted = (off**2).sum("replicate") ** 2 / (off**4).sum("replicate").where(lambda total: total > 0)
            np.testing.assert_allclose(summary[carriers], wanted.fillna(0), rtol=1e-6)
        for name in ("strength", "trade"):
            stored = data[name].load().astype(np.float64)
            np.testing.assert_allclose(summary[f"{name}_mean"], stored.mean("replicate"), rtol=1e-6, atol=1e-7)
            np.testing.assert_allclose(
                summary[f"{name}_sd"], stored.std("replicate", ddof=1), rtol=1e-5, atol=1e-6 * float(stored.max())
            )
            quantiles = stored.quantile(summary["probability"].values, "replicate")
            np.testing.assert_allclose(summary[f"{name}_quantiles"], quantiles, rtol=1e-6, atol=1e-7)


def test_histogram_tells_the_same(out: Path) -> None:
    with h5py.File(out) as file:
        group = file["histogram/strength"]
        variants, replicates, times, ties = file["strength"].shape
        cell, code, count = (group[name][()] for name in ("cell", "code", "count"))
        assert count.sum() == variants * replicates * times * ties
        one = cell == (1 * times + 7) * ties + 1
        counted = np.repeat(code[one] * group.attrs["code_step"], count[one])
        np.testing.assert_array_equal(np.sort(file["strength"][1, :, 7, 1]), counted.astype(np.float32))
        group = file["histogram/trade"]
        one = group["cell"][()] == (0 * times + 9) * 2 * ties + 1
        bits = (group["code"][one].astype(np.uint32) << np.uint32(group.attrs["code_shift"])).view(np.float32)
        np.testing.assert_array_equal(np.sort(file["trade"][0, :, 9, 1]), np.repeat(bits, group["count"][one]))


def test_events_are_where_the_offsets_say(out: Path) -> None:
    with h5py.File(out) as file:
        events = file["events"]
        offset, count, time = events["offset"][()], events["count"][()], events["time"][()]
        assert count.sum() == time.size == events["event"].size
        for start, n in zip(offset.ravel(), count.ravel(), strict=True):
            own = time[start : start + n]
            assert own[0] == -31  # the history
            assert (np.diff(own) >= 0).all()
            parents = events["parent"][start : start + n]
            assert (parents < np.arange(n)).all()


def test_no_attribute_tells_when_it_was_written(out: Path) -> None:
    with h5py.File(out) as file:
        assert not [name for name in file.attrs if "history" in name or "date" in name]
        strength = file["strength"]
        assert not strength.id.get_create_plist().get_obj_track_times()
        assert strength.chunks == (1, 25, strength.shape[2], 2)
        assert strength.compression == "gzip"


def test_a_damaged_chunk_is_told(out: Path, tmp_path: Path) -> None:
    copy = tmp_path / "damaged.h5"
    shutil.copy(out, copy)
    with h5py.File(copy) as file:
        chunk = file["strength"].id.get_chunk_info(0)
        assert np.isfinite(file["strength"][0, 0]).all()
    with copy.open("r+b") as file:
        file.seek(chunk.byte_offset + chunk.size // 2)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 16]))
    with h5py.File(copy) as file, pytest.raises(OSError, match="inflate"):
        file["strength"][0, 0]
