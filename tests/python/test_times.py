"""Dates of any year, in and out."""

from __future__ import annotations

from datetime import datetime

import cftime
import numpy as np
import pandas as pd
import pytest

from entente import times


def ms(text: str) -> np.datetime64:
    return np.datetime64(text, "ms")


@pytest.mark.parametrize(
    ("units", "days", "wanted"),
    [
        ("days since 2026-01-01 00:00:00", 0.5, "2026-01-01T12:00:00"),
        ("days since 1618-05-23 09:30:00", 1.0, "1618-05-24T09:30:00"),
        ("days since 2300-02-28 00:00:00", 1.0, "2300-03-01T00:00:00"),  # no leap year
        ("days since 0012-12-31 23:00:00", 2 / 24, "0013-01-01T01:00:00"),
        ("days since 9998-01-01 00:00:00", 365.0, "9999-01-01T00:00:00"),
        ("days since 2026-01-01 10:20:30", -1 / 86400, "2026-01-01T10:20:29"),
    ],
)
def test_days_are_dates(units: str, days: float, wanted: str) -> None:
    assert times.of_days([days], units)[0] == ms(wanted)
    proleptic = cftime.num2date(days, units, calendar="proleptic_gregorian")
    assert times.moment(proleptic) == ms(wanted)


def test_what_is_no_time_is_none() -> None:
    assert np.isnat(times.of_days([np.nan, np.inf], "days since 2026-01-01 00:00:00")).all()
    assert np.isnat(times.moment(pd.NaT)) and np.isnat(times.moment(None)) and np.isnat(times.moment(float("nan")))
    assert times.text(np.datetime64("NaT")) == ""


def test_users_get_what_pandas_has_and_cftime_beyond() -> None:
    near = times.for_users(times.of_days([0, 1, np.nan], "days since 2026-01-01 00:00:00"))
    assert near.dtype == "datetime64[ns]" and np.isnat(near[2])
    for start in ("1618-01-01", "1677-01-01", "2263-01-01", "0012-01-01"):
        far = times.for_users(times.of_days([0, 0.25, np.nan], f"days since {start} 00:00:00"))
        assert isinstance(far[1], cftime.DatetimeProlepticGregorian) and far[2] is None
        assert f"{far[1]:%Y-%m-%d %H}" == f"{start} 06"
    # One date too far turns all of an array, so that they compare.
    mixed = times.for_users(times.of_days([0, 2000], "days since 2261-01-01 00:00:00"))
    assert mixed.dtype == object and mixed[0] < mixed[1]


def test_there_and_back() -> None:
    rng = np.random.default_rng(1)
    for start in ("0001-01-01", "1618-01-01", "2026-01-01", "2300-01-01"):
        dates = times.of_days(np.sort(rng.uniform(0, 2e5, 200)), f"days since {start} 00:00:00")
        np.testing.assert_array_equal(times.as_numpy(times.for_users(dates)), dates)
        np.testing.assert_array_equal(times.as_numpy([str(date) for date in dates]), dates)
        nearest = [times.nearest(times.for_users(dates), date) for date in dates[::20]]
        assert nearest == list(range(0, 200, 20))


def test_dates_of_any_type_are_taken() -> None:
    for date in (
        "2026-07-01", datetime(2026, 7, 1), pd.Timestamp("2026-07-01"), np.datetime64("2026-07-01"),
        cftime.DatetimeProlepticGregorian(2026, 7, 1), np.array("2026-07-01", dtype="datetime64[ns]"),
    ):  # fmt: skip
        assert times.moment(date) == ms("2026-07-01")
    for wrong in ("the first of July", "2026-13-01", 20260701):
        with pytest.raises(ValueError, match=r"no date .*; write one as YYYY-MM-DD"):
            times.moment(wrong)


def test_in_words() -> None:
    assert times.text("2026-07-04T09:00", "%-d %B %Y") == "4 July 2026"
    assert times.text("1618-05-23") == "1618-05-23"
    assert times.text("0012-05-23") == "0012-05-23"
    assert times.iso(["1618-05-23", None]) == ["1618-05-23 00:00:00", ""]
    assert times.iso(["1618-05-23T01:02:03.500"]) == ["1618-05-23 01:02:03.500"]
    assert times.seconds(["1970-01-02", "1969-12-31T23:59:59"]) == [86400, -1]
