"""The sliders of a notebook."""

from __future__ import annotations

import io
from html import escape
from typing import Any

import matplotlib.dates as mdates
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from entente.cards import number
from entente.explore.live import Live
from entente.graphs import needed
from entente.plot.styling import colours, style


def show(live: Live, tie: str | None = None) -> Any:
    """A box of ipywidgets: a slider a knob, a switch a variant, the choice of the tie, the fan and the quantities."""
    widgets = needed("ipywidgets")
    wide = widgets.Layout(width="30em")
    sliders = {
        knob.path: widgets.FloatSlider(
            value=knob.value, min=knob.low, max=knob.high, step=(knob.high - knob.low) / 200 or 1e-9,
            continuous_update=False, readout_format=".3g", layout=wide,
        )
        for knob in live.knobs
    }  # fmt: skip
    switches = {name: widgets.Checkbox(value=True, description=name) for name in live.variants[1:]}
    choice = widgets.Dropdown(options=live.ties, description="tie", value=_tie(live, tie))
    picture, table = widgets.Image(format="png"), widgets.HTML()
    again = widgets.Button(description="as in the scenario")

    def update(_: object = None) -> None:
        values = {knob.path: sliders[knob.path].value for knob in live.knobs}
        values = {knob.path: values[knob.path] for knob in live.knobs if values[knob.path] != knob.value}
        answer = live.answer(values, choice.value)
        on = {live.variants[0], *(name for name, switch in switches.items() if switch.value)}
        picture.value, table.value = drawing(answer, on), quantities(answer, on)

    def reset(_: object) -> None:
        for knob in live.knobs:
            sliders[knob.path].value = knob.value

    again.on_click(reset)
    for each in [*sliders.values(), *switches.values(), choice]:
        each.observe(update, names="value")
    update()
    knobs = widgets.VBox([
        part for knob in live.knobs for part in (widgets.Label(_named(knob.path, knob.unit)), sliders[knob.path])
    ])  # fmt: skip
    left = widgets.VBox([choice, knobs, widgets.HBox(list(switches.values())), again, table])
    return widgets.HBox([left, picture])


def _tie(live: Live, tie: str | None) -> str:
    return live.answer({}, tie)["tie"] if tie else live.ties[0]


def _named(path: str, unit: str) -> str:
    return f"{path} ({unit})" if unit else path


def drawing(answer: dict[str, Any], variants: set[str]) -> bytes:
    """The fan of these variants, and below it the paired changes, as a PNG."""
    at = np.array(answer["time"], dtype="datetime64[s]")
    colour = colours([each["name"] for each in answer["fan"]])
    with style():
        figure = Figure(figsize=(6.4, 5), layout="constrained")
        FigureCanvasAgg(figure)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
        for each in reversed([each for each in answer["fan"] if each["name"] in variants]):
            bands = each["bands"]
            above.fill_between(at, bands[0], bands[4], color=colour[each["name"]], alpha=0.15, lw=0)
            above.fill_between(at, bands[1], bands[3], color=colour[each["name"]], alpha=0.2, lw=0)
            above.plot(at, bands[2], color=colour[each["name"]], label=each["name"])
        for each in [each for each in answer["change"] if each["name"] in variants]:
            low, mean, high = each["bands"]
            below.fill_between(at, low, high, color=colour[each["name"]], alpha=0.25, lw=0)
            below.plot(at, mean, color=colour[each["name"]])
        above.set_title(f"strength of {answer['tie']}", loc="left")
        above.legend(fontsize=8)
        below.axhline(0, color="#999999", lw=0.8)
        below.set_ylabel("change")
        below.xaxis.set_major_formatter(mdates.ConciseDateFormatter(below.xaxis.get_major_locator()))
        out = io.BytesIO()
        figure.savefig(out, format="png", dpi=90)
    return out.getvalue()


def quantities(answer: dict[str, Any], variants: set[str]) -> str:
    """The quantities as a table of HTML: mean of the first variant, changes by the others."""
    names = [each["name"] for each in answer["fan"]]
    shown = [i for i, name in enumerate(names) if name in variants]
    head = "".join(f"<th style='text-align:right;padding-left:1em'>{escape(names[i])}</th>" for i in shown)
    rows = [f"<tr><th></th>{head}</tr>"]
    for row in answer["table"]:
        cells = []
        for i in shown:
            value = row["cells"][i]["change" if i else "mean"]
            cells.append(f"<td style='text-align:right'>{number(float('nan') if value is None else value, i > 0)}</td>")
        rows.append(f"<tr><td>{escape(row['label'])}</td>{''.join(cells)}</tr>")
    return f"<table>{''.join(rows)}</table>"


