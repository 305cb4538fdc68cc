"""How a notebook shows a result: what it is, its quantities by variant, and small fans of its first ties."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from entente import estimates, times
from entente.plot.styling import colours

if TYPE_CHECKING:
    from entente.result import Result

#: Quantities, ties and variants that are shown, and replicates that the fans read.
_MOST, _TIES, _VARIANTS, _REPLICATES = 12, 3, 3, 300
_WIDTH, _HEIGHT = 230, 84

STYLE = (
    "<style>.entente-card{border:1px solid rgba(127,127,127,.35);border-radius:8px;padding:.9em 1.2em;"
    "max-width:62em;font:14px/1.45 system-ui,sans-serif}.entente-card h3{margin:0 0 .2em;font-size:1.25em}"
    ".entente-card p{margin:.25em 0}.entente-card table{border-collapse:collapse;margin:.5em 0 0}"
    ".entente-card td,.entente-card th{text-align:left!important;vertical-align:top;padding:.18em .9em .18em 0;"
    "border:0;white-space:normal;background:none}.entente-card th{font-weight:600;color:#0072B2;white-space:nowrap}"
    ".entente-card .n{opacity:.65}.entente-card .num{text-align:right!important;font-variant-numeric:tabular-nums;"
    "white-space:nowrap}.entente-card figure{display:inline-block;margin:.7em 1.4em 0 0}"
    ".entente-card figcaption{font-weight:600}.entente-bad{color:#D55E00}.entente-card details{margin-top:.6em}"
    ".entente-card svg{display:block}.entente-card svg text{font:10px system-ui,sans-serif;fill:currentColor;"
    "opacity:.7}</style>"
)


def html(result: Result) -> str:
    """The card of a result."""
    data = result.data
    shown = {"point": "points", "variant": "variants", "replicate": "replicates", "tie": "ties", "kind": "event types"}
    sizes = " · ".join(f"{data.sizes[dim]:,} {name}" for dim, name in shown.items() if dim in data.sizes)
    parts = [f"<h3>{escape(str(data.attrs.get('title', result.path.name)))}</h3>"]
    parts.append(f'<p class="n">{escape(result.path.name)} · {sizes}{_stopped(data)}</p>')
    if "quantity" in data.sizes:
        parts.append(_sweep(result) if "point" in data.sizes else _quantities(result))
    if "strength" in data and "point" not in data.sizes:
        parts.append(_fans(data))
    return f'{STYLE}<div class="entente-card">{"".join(parts)}</div>'


def _stopped(data: xr.Dataset) -> str:
    n = int((data["status"] != 0).sum()) if "status" in data else 0
    return f' · <span class="entente-bad">{n:,} replicates stopped early</span>' if n else ""


def _quantities(result: Result) -> str:
    """A row a quantity: the mean of the first variant with its 90 % prediction interval, and the changes by others."""
    summary = result.summary()
    variants = result.variants
    named = [str(name) for name in result.data["quantity"].values if "@" not in str(name)][:_MOST]
    hidden = result.data.sizes["quantity"] - len(named)
    head = "".join(f"<th class='num'>{escape(name)}</th>" for name in variants[1 : 1 + _VARIANTS])
    rows = [f"<tr><th>quantity</th><th class='num'>{escape(variants[0])}</th>{head}</tr>"]
    for name in named:
        own = summary.loc[name]
        first = own.iloc[0]
        bare = str(first["unit"]) in ("", "1", "strength")
        unit = "" if bare else f" <span class='n'>{escape(str(first['unit']))}</span>"
        label = f"<td>{escape(str(first['label'] or name))}{unit}</td>"
        ends = f"<br><span class='n'>{_number(first['q5'])} to {_number(first['q95'])}</span>"
        changes = "".join(_change(own.loc[each]) for each in variants[1 : 1 + _VARIANTS])
        rows.append(f"<tr>{label}<td class='num'>{_number(first['mean'])}{ends}</td>{changes}</tr>")
    more = f"<p class='n'>and {hidden} more: <code>summary()</code></p>" if hidden else ""
    said = "mean and 90 % prediction interval; changes with their 95 % interval, pale where it contains zero"
    return f"<table>{''.join(rows)}</table>{more}<p class='n'>{said}</p>"


def _change(row: pd.Series) -> str:
    """The cell of a paired difference."""
    mean, low, high = (float(row[name]) for name in ("difference", "difference_low", "difference_high"))
    pale = " n" if not (low > 0 or high < 0) else ""
    ends = f"<br><span class='n'>{_number(low, True)} to {_number(high, True)}</span>" if np.isfinite(low) else ""
    return f"<td class='num{pale}'>{_number(mean, True)}{ends}</td>"


def _sweep(result: Result) -> str:
    """The swept parameters with the range of their values."""
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td class='num'>{_number(float(result.data[name].min()))} to "
        f"{_number(float(result.data[name].max()))}</td></tr>"
        for name in result.swept
    )
    return f"<table><tr><th>swept parameter</th><th class='num'>range</th></tr>{rows}</table>"


def _number(value: float, signed: bool = False) -> str:
    if not np.isfinite(value):
        return "–"
    size = abs(value)
    for limit, name in ((1e12, " tn"), (1e9, " bn"), (1e6, " M")):
        if size >= limit:
            return f"{value / limit:{'+' if signed else ''}.3g}{name}".replace("-", "−")
    return f"{value:{'+' if signed else ''},.{2 if size < 100 else 0}f}".replace("-", "−")


def _fans(data: xr.Dataset) -> str:
    """Small fans of the first ties, of the first variants, from the first replicates."""
    names = [str(name) for name in data["variant"].values][:_VARIANTS]
    colour = colours([str(name) for name in data["variant"].values])
    part = data.isel(replicate=slice(_REPLICATES))
    try:
        part = estimates.ran(part)
    except ValueError:  # none of them ran to the end
        return ""
    figures = []
    for i in range(min(_TIES, data.sizes["tie"])):
        values = part["strength"].isel(tie=i, variant=slice(_VARIANTS)).load()
        bands = np.nanquantile(values.transpose("variant", "replicate", "time"), [0.05, 0.5, 0.95], axis=1)
        tie = escape(str(data["tie"].values[i]))
        figures.append(f"<figure><figcaption>{tie}</figcaption>{_svg(bands, list(colour.values()), data)}</figure>")
    key = " ".join(f"<span style='color:{colour[name]}'>■</span> {escape(name)}" for name in names)
    return f"{''.join(figures)}<p class='n'>strength, median and 90 % prediction interval: {key}</p>"


def _svg(bands: np.ndarray, colour: list[str], data: xr.Dataset) -> str:
    """Bands [quantile, variant, time] as a drawing."""
    low, high = float(np.nanmin(bands)), float(np.nanmax(bands))
    low, high = low - 0.05 * (high - low + 0.01), high + 0.05 * (high - low + 0.01)
    x = np.linspace(28, _WIDTH - 2, bands.shape[2])
    y = (_HEIGHT - 14) * (1 - (bands - low) / (high - low))

    def points(*lines: np.ndarray) -> str:
        return " ".join(f"{a:.1f},{b:.1f}" for line in lines for a, b in line)

    shapes = []
    for v in reversed(range(bands.shape[1])):
        band = points(np.c_[x, y[0, v]], np.c_[x, y[2, v]][::-1])
        shapes.append(f"<polygon points='{band}' fill='{colour[v]}' fill-opacity='.18'/>")
        line = points(np.c_[x, y[1, v]])
        shapes.append(f"<polyline points='{line}' fill='none' stroke='{colour[v]}' stroke-width='1.6'/>")
    at = times.as_numpy(data["time"].values)
    labels = (
        f"<text x='0' y='9'>{high:.2f}</text><text x='0' y='{_HEIGHT - 15}'>{low:.2f}</text>"
        f"<text x='28' y='{_HEIGHT - 2}'>{times.text(at[0], '%b %Y')}</text>"
        f"<text x='{_WIDTH}' y='{_HEIGHT - 2}' text-anchor='end'>{times.text(at[-1], '%b %Y')}</text>"
    ).replace("-0", "−0")
    return f"<svg width='{_WIDTH}' height='{_HEIGHT}' role='img'>{''.join(shapes)}{labels}</svg>"
