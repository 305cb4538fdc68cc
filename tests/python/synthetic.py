"""A small output file with known numbers, written with h5py in the layout of docs/output-format.md."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from sealing import seal

START = "2025-12-23"
DAYS = np.append(np.arange(0.0, 374.0, 7.0), 374.0)
VARIANTS = ["base", "no_invitation"]
ACTORS = ["USA", "KAZ", "UZB"]
LABELS = ["United States", "Kazakhstan", "Uzbekistan"]
TIES = ["KAZ-USA", "USA-UZB"]
FLOWS = ["KAZ->USA", "USA->KAZ", "USA->UZB", "UZB->USA"]
KINDS = ["call", "invitation", "accepted", "leader_visit", "deal", "g20_summit"]
QUANTITIES = ["kaz_strength", "uzb_deals"]
PARAMETERS = ["kinds.call.rate.per_year", "kinds.deal.value.lognormal.median", "fixed"]
#: Capitals as the scenario has them; UZB has none.
PLACES = {"actors.USA.lat": 38.9, "actors.USA.lon": -77.0, "actors.KAZ.lat": 51.2, "actors.KAZ.lon": 71.5}
N = 40
#: What no_invitation adds to the strength of KAZ-USA at the end, in every replicate.
EFFECT = -0.05
FAILED = 7  # this replicate stopped early in the variant

CAUSES = ["history", "calendar", "intervention", "baseline", "excited", "consequence"]
ROLES = ["initiator", "target", "member", "guest"]
LEVELS = ["leader", "minister", "official"]
STATUSES = ["held", "moved", "cancelled"]


def log_of(variant: int, replicate: int) -> list[dict[str, float]]:
    """Five or so events: a history call, an invitation and its reply, a summit and who came, a deal."""
    usa, kaz, uzb = range(3)
    rows = [
        _row(-40.0, "call", usa, kaz, cause="history"),
        _row(0.0, "call", usa, kaz, cause="calendar"),
    ]
    if variant == 0:
        rows.append(_row(0.0, "invitation", usa, kaz, cause="calendar"))
        rows.append(_row(9.0 + replicate / 10, "accepted", kaz, usa, cause="consequence", parent=2))
    rows.append(_row(60.0 + replicate, "call", usa, kaz, cause="baseline"))
    spontaneous = len(rows) - 1
    rows.append(_row(62.0 + replicate, "deal", kaz, usa, cause="excited", parent=spontaneous, value=1e9))
    rows.append(_row(356.0, "g20_summit", usa, -1, cause="calendar"))
    summit = len(rows) - 1
    came = [(uzb, "guest"), (kaz, "guest")] if variant == 0 else [(uzb, "guest")]
    for who, role in came:
        rows.append(
            _row(356.0, "g20_summit", who, usa, cause="consequence", parent=summit, summit=summit, role=role)
        )
    return rows


def _row(
    time: float,
    kind: str,
    initiator: int,
    target: int,
    cause: str,
    parent: int = -1,
    summit: int = -1,
    role: str = "initiator",
    value: float = np.nan,
) -> dict[str, float]:
    return {
        "time": time,
        "kind": KINDS.index(kind),
        "initiator": initiator,
        "target": target,
        "group": -1,
        "role": ROLES.index(role),
        "level": 0,
        "success": 1,
        "status": 0,
        "cause": CAUSES.index(cause),
        "sector": -1,
        "parent": parent,
        "summit": summit,
        "value_usd": value,
        "effect": 0.01,
        "strength": 0.3,
    }


COLUMNS = {
    "time": "f8",
    "kind": "i2",
    "initiator": "i2",
    "target": "i2",
    "group": "i2",
    "role": "i1",
    "level": "i1",
    "success": "i1",
    "status": "i1",
    "cause": "i1",
    "sector": "i2",
    "parent": "i4",
    "summit": "i4",
    "value_usd": "f8",
    "effect": "f4",
    "strength": "f4",
}
FLAGS = {"role": ROLES, "level": LEVELS, "status": STATUSES, "cause": CAUSES}


def strength() -> np.ndarray:
    """[variant, replicate, time, tie]: replicate r of KAZ-USA lies at 0.3 + (r - 19.5) / 100, by the day."""
    base = 0.3 + (np.arange(N) - (N - 1) / 2) / 100
    out = np.empty((2, N, DAYS.size, 2))
    ramp = DAYS / DAYS[-1]
    out[0] = base[:, None, None] + 0.1 * ramp[:, None]
    out[1] = out[0]
    out[1, :, :, 0] += EFFECT * ramp
    out[1, FAILED] = np.nan
    return out


def write(path: Path) -> Path:
    """Write the file and return its path."""
    values = strength()
    rng = np.random.default_rng(1)
    drawn = np.column_stack([rng.uniform(0, 1, N), rng.lognormal(0, 1, N), np.ones(N)])
    with h5py.File(path, "w", track_order=True) as file:
        file.attrs["Conventions"] = "CF-1.8"
        file.attrs["entente_schema"] = "2.0"
        file.attrs["title"] = "A test of three actors"
        text = h5py.string_dtype()
        scales = {
            "variant": (VARIANTS, text),
            "replicate": (np.arange(N), "i4"),
            "time": (DAYS, "f8"),
            "tie": (TIES, text),
            "flow": (FLOWS, text),
            "kind": (KINDS, text),
            "quantity": (QUANTITIES, text),
            "parameter": (PARAMETERS, text),
            "actor": (ACTORS, text),
            "group": (["C5+1", "A group"], text),
        }
        for name, (data, dtype) in scales.items():
            dataset = file.create_dataset(name, data=data, dtype=dtype)
            dataset.make_scale(name)
        file["time"].attrs["units"] = f"days since {START} 00:00:00"
        file["time"].attrs["calendar"] = "proleptic_gregorian"

        def put(name: str, data: np.ndarray, dims: list[str], **attributes: str) -> None:
            dataset = file.create_dataset(name, data=data)
            for axis, dim in enumerate(dims):
                dataset.dims[axis].attach_scale(file[dim])
            dataset.attrs.update(attributes)

        cube = ["variant", "replicate", "time"]
        put("strength", values.astype("f4"), [*cube, "tie"], units="1")
        put("alignment", values.astype("f4") / 2, [*cube, "tie"], units="1")
        flows = np.repeat(np.exp(values), 2, axis=-1) * 1e9
        put("trade", flows.astype("f4"), [*cube, "flow"], units="USD year-1")
        status = np.zeros((2, N), "i1")
        status[1, FAILED] = 1
        put("status", status, ["variant", "replicate"])
        quantities = np.stack([values[:, :, -1, 0], 1e9 * (1 + 2 * drawn[:, 0]) * np.ones((2, 1))], axis=-1)
        put("quantity_value", quantities, ["variant", "replicate", "quantity"])
        put("drawn", drawn, ["replicate", "parameter"])
        for name, dim, texts in (
            ("actor_label", "actor", LABELS),
            ("quantity_label", "quantity", ["Strength of KAZ-USA", "Deals of USA-UZB"]),
            ("quantity_unit", "quantity", ["1", "USD"]),
        ):
            file.create_dataset(name, data=texts, dtype=text).dims[0].attach_scale(file[dim])
        file["quantity_value"].attrs["coordinates"] = "quantity_label quantity_unit"

        logs = [[log_of(v, r) for r in range(N)] for v in range(2)]
        counts = np.array([[len(log) for log in row] for row in logs])
        flat = [row for logs_of_variant in logs for log in logs_of_variant for row in log]
        events = file.create_group("events", track_order=True)
        events.create_dataset("event", data=np.arange(len(flat))).make_scale("event")
        for column, dtype in COLUMNS.items():
            events.create_dataset(column, data=np.array([row[column] for row in flat], dtype))
            events[column].dims[0].attach_scale(events["event"])
            if column in FLAGS:
                events[column].attrs["flag_meanings"] = " ".join(FLAGS[column])
        events["time"].attrs.update(
            {"units": f"days since {START} 00:00:00", "calendar": "proleptic_gregorian"}
        )
        ends = counts.cumsum().reshape(counts.shape)
        for name, table in (("count", counts), ("offset", ends - counts)):
            dataset = events.create_dataset(name, data=table)
            for axis, dim in enumerate(["variant", "replicate"]):
                dataset.dims[axis].attach_scale(file[dim])
        provenance = file.create_group("provenance")
        provenance.attrs.update({"program": "entente 0.1.0", "scenario": "a/path/test.yaml"})
        provenance.attrs["seed"] = np.uint64(1)
        provenance.create_dataset("parameter", data=list(PLACES), dtype=text)
        provenance.create_dataset("parameter_value", data=list(PLACES.values()))
        provenance.create_dataset("file", data=["a/path/test.yaml", "ties.csv"], dtype=text)
        provenance.create_dataset("file_text", data=["entente: 1\n", "a,b\n"], dtype=text)
    return seal(path)
