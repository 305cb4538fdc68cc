"""Dates of any year from 1 to 9999, in one place.

pandas and xarray store dates as datetime64[ns], which reaches from 1677-09-22 to 2262-04-11. If all dates of an array
lie within this range, users get this type. Otherwise they get objects of `cftime.DatetimeProlepticGregorian`, as
xarray makes them of such a file. Within the package every date is a datetime64[ms], which has all years. Times are
UTC.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import cftime
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

Array = np.ndarray[Any, Any]

_CALENDAR = "proleptic_gregorian"
_FIRST, _LAST = (np.datetime64(end.to_datetime64(), "ms") for end in (pd.Timestamp.min, pd.Timestamp.max))
_SECOND, _DAY = np.timedelta64(1, "s"), 86_400_000
_EPOCH = np.datetime64("1970-01-01", "ms")


def of_days(days: ArrayLike, units: str) -> Array:
    """Days of the file, `units` being its "days since YYYY-MM-DD hh:mm:ss", as datetime64[ms]; NaN is not a time."""
    values = np.asarray(days, dtype=float)
    start = np.datetime64(units.removeprefix("days since ").strip().replace(" ", "T"), "ms")
    known = np.isfinite(values)
    out = np.full(values.shape, np.datetime64("NaT", "ms"))
    out[known] = start + np.round(values[known] * _DAY).astype("timedelta64[ms]")
    return out


def as_numpy(values: Any) -> Array:
    """Dates of any type (datetime64, pandas, cftime, datetime, ISO text) as datetime64[ms]."""
    array = np.asarray(values)
    if array.dtype.kind == "M":
        return array.astype("datetime64[ms]")
    flat = [moment(value) for value in array.ravel()]
    return np.array(flat, dtype="datetime64[ms]").reshape(array.shape)


def moment(date: Any) -> np.datetime64:
    """One date of any type, or ISO text such as "2026-12-31" or "2026-12-31T14:00", as datetime64[ms]."""
    if isinstance(date, np.ndarray) and date.ndim == 0:
        date = date.item() if date.dtype == object else date[()]
    if date is None or date is pd.NaT or (isinstance(date, float) and np.isnan(date)):
        return np.datetime64("NaT", "ms")
    if isinstance(date, np.datetime64):
        return date.astype("datetime64[ms]")
    try:
        return np.datetime64(date if isinstance(date, str) else date.isoformat(), "ms")
    except (ValueError, AttributeError) as error:
        raise ValueError(f"no date {date!r}; write one as YYYY-MM-DD or YYYY-MM-DDThh:mm") from error


def fits(dates: Array) -> bool:
    """Whether datetime64[ns] can store all of `dates`."""
    known = dates[~np.isnat(dates)]
    return not known.size or bool(known.min() >= _FIRST and known.max() <= _LAST)


def for_users(dates: Array) -> Any:
    """datetime64[ms] in the types of pandas: datetime64[ns] if all fit, else an array of cftime objects."""
    if fits(dates):
        return dates.astype("datetime64[ns]")
    known = dates[~np.isnat(dates)]
    out = np.full(dates.shape, None, dtype=object)
    since = (known - _EPOCH).astype("int64")
    out[~np.isnat(dates)] = cftime.num2date(since, "milliseconds since 1970-01-01", calendar=_CALENDAR)
    return out


def nearest(stored: Any, date: Any) -> int:
    """Position in `stored` of the date nearest to `date`; the earlier of two equally near dates."""
    return int(np.argmin(np.abs(as_numpy(stored) - moment(date))))


def seconds(dates: Any) -> list[int]:
    """Whole seconds since 1970."""
    return [int(t) for t in np.floor((np.atleast_1d(as_numpy(dates)) - _EPOCH) / _SECOND)]


def text(date: Any, form: str = "%Y-%m-%d") -> str:
    """A date in words, as `datetime.strftime` writes it; empty where there is none."""
    at = moment(date)
    if np.isnat(at):
        return ""
    day: datetime = at.item()
    return day.strftime(form.replace("%Y", f"{day.year:04d}"))


def iso(dates: Any) -> list[str]:
    """Dates as text for tables: "1618-05-23 09:00:00"; empty where there is none."""
    at = as_numpy(dates)
    fine = "ms" if ((at - _EPOCH)[~np.isnat(at)] % _SECOND != np.timedelta64(0, "ms")).any() else "s"
    return [str(t).replace("T", " ") if not np.isnat(t) else "" for t in at.astype(f"datetime64[{fine}]")]
