"""Writes forecast.csv from the output of forecast.sh, and outcomes.csv if it is not there: `table.py OUT.h5`.

A quantity of 0 and 1 is a probability. Of the others the table has the mean and quantiles over the replicates; of every
mean the Monte Carlo 95 % interval.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import h5py

HERE = Path(__file__).resolve().parent


def texts(values: h5py.Dataset) -> list[str]:
    """The strings of a variable."""
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values[()]]


def write(output: Path, folder: Path) -> None:
    """The two tables, of an output file, into a folder."""
    with h5py.File(output) as file, (folder / "forecast.csv").open("w", newline="") as out:
        summary, table = file["summary"], csv.writer(out, lineterminator="\n")
        names, labels, units = (texts(file[key]) for key in ("quantity", "quantity_label", "quantity_unit"))
        shares = [f"q{round(100 * p):02d}" for p in summary["probability"][()]]
        table.writerow(["quantity", "variant", "sort", "unit", "mean", "mean_low", "mean_high", *shares, "label"])
        for q, name in enumerate(names):
            values = file["quantity_value"][:, :, q]
            is_chance = set(values.ravel().tolist()) <= {0.0, 1.0}
            for v, variant in enumerate(texts(file["variant"])):
                quantiles = ["" if is_chance else f"{x:.6g}" for x in summary["quantiles"][v, q]]
                means = [f"{summary[key][v, q]:.6g}" for key in ("mean", "mean_low", "mean_high")]
                sort = "probability" if is_chance else "value"
                table.writerow([name, variant, sort, units[q], *means, *quantiles, labels[q]])
    outcomes = folder / "outcomes.csv"
    if not outcomes.exists():
        outcomes.write_text("quantity,outcome,source\n" + "".join(f"{name},,\n" for name in names))


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else HERE)
