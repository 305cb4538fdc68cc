"""Gathers what the verification wrote: one table, one verdict over all rows (Holm 1979), QQ plots.

    python3 tests/verification/report.py [FOLDER]        default: out/verify

Each CSV file holds rows (suite, quantity, expected, observed, p); each qq-*.csv a sorted sample, named with its
law: Exp(1), or uniform, which is turned into it. The table goes to stdout and FOLDER/table.txt, the plots to
FOLDER/qq.png. Ends with 1 if a row is rejected.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

LEVEL = 1e-3  # chance that a right program fails any row


def rows_of(folder: Path) -> list[tuple[str, str, float, float, float]]:
    rows = []
    for path in sorted(folder.glob("*.csv")):
        if path.name.startswith("qq-") or "planted" in path.name:
            continue
        with path.open() as file:
            rows += [(r[0], r[1], float(r[2]), float(r[3]), float(r[4])) for r in csv.reader(file)]
    return rows


def rejected(p: list[float]) -> set[int]:
    """Indices that Holm's step-down rule rejects."""
    order, out = sorted(range(len(p)), key=p.__getitem__), set()
    for rank, index in enumerate(order):
        if p[index] * (len(p) - rank) >= LEVEL:
            break
        out.add(index)
    return out


def plot(folder: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import numpy as np

    from entente.plot import qq

    samples = {}
    for path in sorted(folder.glob("qq-*.csv")):
        if "planted" in path.name:
            continue
        title = path.open().readline().lstrip("# ").strip()
        x = np.loadtxt(path, ndmin=1)
        samples[title.replace(": ", "\n", 1)] = x if "Exp(1)" in title else -np.log1p(-np.minimum(x, 1 - 1e-16))
    if samples:
        qq(samples).savefig(folder / "qq.png", dpi=60)


def main(folder: Path) -> int:
    rows = rows_of(folder)
    if not rows:
        print(f"nothing in {folder}: run the verification first")
        return 1
    out = rejected([row[4] for row in rows])
    lines = [f"{'suite':12}{'quantity':66}{'expected':>14}{'observed':>14}{'p':>10}"]
    for n, (suite, quantity, expected, observed, p) in enumerate(rows):
        mark = "  REJECTED" if n in out else ""
        lines.append(f"{suite:12}{quantity:66}{expected:14.6g}{observed:14.6g}{p:10.3g}{mark}")
    smallest = min(row[4] for row in rows)
    verdict = f"rejected at {LEVEL:g} over all (Holm): {len(out)}"
    lines.append(f"{len(rows)} rows, smallest p {smallest:.3g}; {verdict}")
    text = "\n".join(lines)
    (folder / "table.txt").write_text(text + "\n")
    print(text)
    plot(folder)
    return bool(out)


if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else root / "out" / "verify"))
