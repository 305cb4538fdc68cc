"""The gallery: every picture function stands in it, and the page has what the tool makes."""

from __future__ import annotations

import inspect
import os
import sys
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from entente import estimates, plot

ROOT = Path(os.environ.get("ENTENTE_SOURCE_DIR", Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "tools"))

import gallery  # noqa: E402


def test_every_picture_has_its_place() -> None:
    draws = [
        name
        for name, function in inspect.getmembers(plot, inspect.isfunction)
        if inspect.signature(function).return_annotation in ("Figure", Figure)
    ]
    assert sorted(draws) == sorted(name for name, *_ in gallery.PICTURES)


def test_the_page_is_that_of_the_tool() -> None:
    page = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    for name, shows, call, _ in gallery.PICTURES:
        assert f"## {name}\n\n{shows}\n\n    {call}\n" in page
        picture = ROOT / "docs" / "images" / "gallery" / f"{name}.png"
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 200_000


@pytest.mark.long
def test_the_checks_tell_the_models_apart() -> None:
    """Residuals and scores are those of the right model, and of one that misses something."""
    forecasts, residuals, _ = gallery.checks()
    right, other = (
        estimates.against_exponential(table.loc[table["group"] == gallery.GROUP, "residual"]).attrs["distance"]
        for table in residuals.values()
    )
    assert right < 1.95 < 3 < other  # 1.95: once in a thousand
    losses = [((table["forecast"] - (table["observed_days"] > 0)) ** 2).mean() for table in forecasts.values()]
    assert losses[0] < losses[1]
