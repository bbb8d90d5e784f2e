"""`scanmon qa`, put together: a check is measured, compared with its baseline, kept, and drawn."""

from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from scanmon import __version__
from scanmon.core.errors import SourceError
from scanmon.core.records import Row
from scanmon.lab.paper import check_page
from scanmon.lab.qa.air import check_air
from scanmon.lab.qa.chart import BASELINE_SIZE, CHECKS, LIMITS_PERCENT, limits, outside
from scanmon.lab.qa.material import Choice, read_material
from scanmon.lab.qa.page import write_check_page
from scanmon.lab.qa.phantom import check_phantom
from scanmon.lab.qa.store import CheckStore, Record, default_store, name_of, now_utc

Kind = Literal["air", "phantom"]


@dataclass(frozen=True, slots=True)
class Request:
    """What `scanmon qa` was asked for."""

    kind: Kind
    path: Path
    choice: Choice
    mm: float | None = None
    noise: Path | None = None
    probe: str = ""
    scanner: str = ""
    store: Path | None = None
    baseline: str = "yes"
    size: int = CHECKS
    percent: float | None = None
    report: Path | None = None


def check(request: Request) -> Row:
    """One object as the command prints it; `within` None without a baseline. Raises `ScanmonError`."""
    if request.report is not None:
        check_page(request.report)
    probe = name_of(request.probe, "--probe") if request.probe else ""
    scanner = name_of(request.scanner, "--scanner") if request.scanner else ""
    material = read_material(request.path, request.mm)
    try:
        if request.kind == "air":
            found = check_air(material, request.choice)
        else:
            noise = None if request.noise is None else read_material(request.noise, request.mm)
            found = check_phantom(material, request.choice, noise)
    except SourceError as error:
        raise SourceError(error.what, error.where or request.path, error.remedy) from error
    about = {"software": f"scanmon {__version__}", "frames": len(material.frames)}
    about |= {"mm_per_pixel": material.mm, "mm_from": material.mm_from, **found.about}
    about |= {BASELINE_SIZE: request.size, LIMITS_PERCENT: request.percent}
    measures = {name: round(value, 4) for name, value in found.measures.items()}
    dips = [_rounded(dip) for dip in found.dips]
    record = Record(
        now_utc(), request.kind, scanner, probe, request.baseline, measures, dips, _rounded(about)
    )
    kept = closing(CheckStore(request.store or default_store(), make=True)) if probe else nullcontext()
    with kept as store:
        earlier = [] if store is None else store.records(scanner, probe)
        earlier = [one for one in earlier if one.kind == record.kind]
        known = {} if request.baseline == "new" else limits(earlier, request.size, request.percent)
        left = outside(measures, known)
        if request.report is not None:
            write_check_page(
                request.report, record, earlier, known, material.picture, found.marks, found.curves
            )
        if store is not None:  # last: a check whose page failed is done again, and must not count twice
            store.add(record)
    return {
        "kind": record.kind,
        "made_utc": record.made_utc,
        "scanner": scanner,
        "probe": probe,
        "within": not left if known else None,
        "outside": left,
        "measures": measures,
        "limits": {
            name: [_round(limit.low), _round(limit.centre), _round(limit.high)]
            for name, limit in known.items()
        },
        "dips": dips,
        "about": record.about,
    }


def _rounded(row: Row) -> Row:
    return {key: _round(value) for key, value in row.items()}


def _round(value: Any) -> Any:
    if isinstance(value, dict):
        return _rounded(value)
    if isinstance(value, list):
        return [_round(item) for item in value]
    return round(float(value), 4) if isinstance(value, float | np.floating) else value
