"""Scores the forecast of the base variant against the outcomes that outcomes.csv has: `score.py [FOLDER]`.

Probabilities: Brier score and log score (nats); a forecast of one half has 0.25 and 0.693. Values: twice the mean
pinball loss over the quantiles of the table, which approximates the CRPS in the quantity's unit, and whether the
outcome lies between the 5 % and the 95 % quantile. Smaller is better.
"""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CLIP = 1e-6


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def of_probability(p: float, outcome: float) -> dict[str, float]:
    """Brier and log score."""
    if outcome not in (0.0, 1.0):
        raise SystemExit(f"score.py: the outcome {outcome:g} of a probability: 0 or 1 is expected")
    given = min(1 - CLIP, max(CLIP, p if outcome else 1 - p))
    return {"brier": (p - outcome) ** 2, "log": -math.log(given)}


def of_value(quantiles: dict[float, float], outcome: float) -> dict[str, float]:
    """Twice the mean pinball loss, and whether the 90 % interval holds the outcome."""
    losses = [(outcome - x) * (level - (outcome < x)) for level, x in quantiles.items()]
    within = min(quantiles.values()) <= outcome <= max(quantiles.values())
    return {"crps": 2 * sum(losses) / len(losses), "within": float(within)}


def scores(folder: Path) -> list[dict[str, str | float]]:
    """One row for each quantity with an outcome."""
    forecast = {row["quantity"]: row for row in rows(folder / "forecast.csv") if row["variant"] == "base"}
    found: list[dict[str, str | float]] = []
    for row in rows(folder / "outcomes.csv"):
        if row["quantity"] not in forecast:
            raise SystemExit(f"score.py: outcomes.csv: the forecast has no quantity \"{row['quantity']}\"")
        if not row["outcome"].strip():
            continue
        told, outcome = forecast[row["quantity"]], float(row["outcome"])
        if told["sort"] == "probability":
            own = of_probability(float(told["mean"]), outcome)
        else:
            levels = {int(key[1:]) / 100: float(told[key]) for key in told if key[0] == "q" and key[1:].isdigit()}
            own = of_value(levels, outcome)
        found.append({"quantity": row["quantity"], "forecast": float(told["mean"]), "outcome": outcome, **own})
    return found


def main(folder: Path) -> None:
    """Prints them, with the means of the probabilities' scores."""
    found = scores(folder)
    for row in found:
        print(", ".join(f"{key} {value:.6g}" if isinstance(value, float) else str(value) for key, value in row.items()))
    chances = [row for row in found if "brier" in row]
    if chances:
        means = {key: sum(float(row[key]) for row in chances) / len(chances) for key in ("brier", "log")}
        print(f"{len(chances)} probabilities: mean Brier score {means['brier']:.4f}, mean log score {means['log']:.4f}")
    values = [row for row in found if "within" in row]
    if values:
        print(f"{len(values)} values: {sum(float(row['within']) for row in values):.0f} within the 90 % interval")
    if not found:
        print("outcomes.csv has no outcome yet")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
