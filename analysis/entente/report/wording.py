"""How the report writes numbers, names and sections."""

from __future__ import annotations

import html
import math
import re
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from entente import estimates, times
from entente.result import Result


class Scale:
    """How the numbers of a quantity are written: its unit as HTML, large USD in m or bn, probabilities of 100."""

    def __init__(self, unit: str, largest: float) -> None:
        """For values of `unit` up to `largest`."""
        sizes = ((1e-9, "bn "), (1e-6, "m "), (1e-3, "thousand ")) if unit.startswith("USD") else ()
        self.factor, prefix = next((size for size in sizes if largest * size[0] >= 1), (1.0, ""))
        if unit == "probability":
            self.factor, unit = 100.0, "of 100 futures"
        #: The unit as text, with the words of large numbers.
        self.plain = "" if unit in ("", "1") else f"{prefix}{unit.replace('/year', ' a year')}"
        self.unit = text(f" {self.plain}") if self.plain else ""
        self.digits = _decimals(largest * self.factor, 3)

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Scale:
        """For the summary of one quantity [variant]."""
        values = np.abs(rows[["q95", "mean"]].to_numpy(dtype=float))
        finite = values[np.isfinite(values)]
        return cls(str(rows["unit"].iloc[0]), float(finite.max()) if finite.size else 1.0)

    def number(self, value: float) -> str:
        """A value, without its unit."""
        if math.isinf(value):
            return "never"
        return "–" if math.isnan(value) else _fixed(value * self.factor, self.digits)

    def effect(self, value: float, sign: str = "-", digits: int = 2) -> str:
        """A change with so many digits, without its unit; an exact zero as 0."""
        if not math.isfinite(value):
            return "–"
        scaled = value * self.factor
        return _fixed(scaled, _decimals(abs(scaled), digits), sign) if scaled else "0"

    def span(self, low: float, high: float) -> str:
        """An interval of a mean."""
        digits = self._fine(low, high)
        if not (math.isfinite(low) and math.isfinite(high)):
            return "unknown"
        return _range(_fixed(low * self.factor, digits), _fixed(high * self.factor, digits))

    def gap(self, value: float, low: float, high: float) -> str:
        """A difference, with its sign and as many digits as its interval supports; without one two digits."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return self.effect(value, "+")
        return _fixed(value * self.factor, self._fine(low, high), "+")

    def gap_span(self, low: float, high: float) -> str:
        """The interval of a difference."""
        digits = self._fine(low, high)
        return _range(_fixed(low * self.factor, digits, "+"), _fixed(high * self.factor, digits, "+"))

    def _fine(self, low: float, high: float) -> int:
        """Decimals an interval deserves: one digit of its half width, two where that begins with a 1."""
        half = abs(high - low) / 2 * self.factor
        if not half > 0 or not math.isfinite(half):
            return self.digits
        return _decimals(half, 2 if half / 10 ** math.floor(math.log10(half)) < 1.5 else 1)


def _decimals(size: float, digits: int) -> int:
    """Decimals that show `digits` digits of a number of that size."""
    if size <= 0 or not math.isfinite(size):
        return 0 if size == 0 else 2
    return min(max(digits - 1 - math.floor(math.log10(size)), 0), 6)


def _fixed(value: float, decimals: int, sign: str = "-") -> str:
    digits = f"{value:{sign},.{decimals}f}"
    return (digits.lstrip("+-") if float(digits.replace(",", "")) == 0 else digits).replace("-", "−")


def _range(low: str, high: str) -> str:
    """Both ends, or one where they are written alike."""
    return low if low == high else f"{low} to {high}"


def short(value: float) -> str:
    """Three digits of a value of any size."""
    for size, letter in ((1e12, " tn"), (1e9, " bn"), (1e6, " m")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}".replace("-", "−")
    return (f"{float(f'{value:.3g}'):,.0f}" if abs(value) >= 1000 else f"{value:.3g}").replace("-", "−")


def of_a_hundred(first: float, second: float) -> tuple[int, int, int, int]:
    """Two shares as futures of 100, their difference, and of how many: of 1,000 where 100 are too few to show it, or
    where the rounded numbers differ by another number than the shares do.

    Only a share of exactly 0 or 1 is none or all of them.
    """
    for of in (100, 1000, 10_000):
        known = all(min(share, 1 - share) * of >= 0.995 for share in (first, second) if 0 < share < 1)
        a, b = (count(share, of) for share in (first, second))
        shown = first == second or abs(first - second) * of >= 0.995
        if known and shown and abs(a - b - (first - second) * of) <= 0.5:
            break
    return a, b, a - b, of


def count(share: float, of: int) -> int:
    """A share as a whole number of `of`; none or all only if the share is exactly 0 or 1."""
    if share <= 0 or share >= 1:
        return 0 if share <= 0 else of
    return min(max(round(share * of), 1), of - 1)


def percent(share: float) -> str:
    """A share of replicates: 7 %, 0.4 %; 0 or 100 % only if exact."""
    if share in (0.0, 1.0):
        return f"{100 * share:.0f} %"
    digits = 0 if 0.095 <= share < 0.995 else 1
    return f"{min(max(100 * share, 0.1), 99.9):.{digits}f} %"


def edges(n: int, things: str, band: str) -> str:
    """How well `n` futures or pairs tell the edges of a 90 % band, in a sentence with a blank behind it."""
    ranks = estimates.quantile_ranks(n, 0.05)
    if ranks is None:
        return f"{n:,} {things} are too few to tell how precise the edges of the {band} are. "
    low, high = (100 * (rank + 0.5) / n for rank in ranks)
    return (
        f"The edges of the {band} are those of {n:,} {things}: the exact lower edge lies between the {low:.2g} % and "
        f"the {high:.2g} % point of these, the upper one likewise (Monte Carlo 95 % intervals). "
    )


def is_chance(result: Result, quantity: str) -> bool:
    """Whether a quantity is 0 or 1 in every replicate, so that its mean is a probability."""
    return str(result.data["quantity_unit"].sel(quantity=quantity).values) == "probability"


def rounded(values: np.ndarray, digits: int) -> Any:
    """Numbers for the page with this number of significant digits; null if not finite."""
    if values.ndim > 1:
        return [rounded(row, digits) for row in values]
    return [float(f"{x:.{digits}g}") if math.isfinite(x) else None for x in values]


def period(data: xr.Dataset) -> tuple[np.datetime64, np.datetime64]:
    """Start and end of what is simulated (UTC), as datetime64[ms]."""
    start, end = times.of_days([0.0, float(data.attrs["horizon_days"])], str(data.attrs["start"]))
    return start, end


def section(name: str, title: str, body: str) -> str:
    """A section of the page, with its heading; `body` is HTML."""
    return f'<section id="{name}" aria-labelledby="h-{name}"><h2 id="h-{name}">{title}</h2>{body}</section>'


def breakable(path: str) -> str:
    """A parameter's path that may break after its dots and underscores."""
    return re.sub(r"([._])", r"\1<wbr>", text(path))


def capital(words: str) -> str:
    """`words`, as text or HTML, with a capital at their beginning."""
    tags = re.match(r"(?:<[^>]*>)*", words)
    at = tags.end() if tags else 0
    return words[:at] + words[at : at + 1].upper() + words[at + 1 :]


def text(value: object) -> str:
    """`value` as text of a page, with all HTML escaped."""
    return html.escape(str(value))
