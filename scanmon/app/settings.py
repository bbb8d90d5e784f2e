"""Settings: a TOML file into frozen values. Unknown keys are errors; options of a command come on top."""

from __future__ import annotations

import tomllib
import types
import typing
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal

from scanmon.core.errors import SettingsError
from scanmon.scoring.calibration import Steadiness

MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ScoringSettings:
    """What scores a picture, and how."""

    bundle: str = "default"  # `default`, the name of a bundle, or a folder
    metric: Literal["auto", "nrq", "map"] = "auto"
    organ: str = "auto"  # auto: the mixture of all organ models
    region: str | None = None  # auto | full | X,Y,W,H | FILE; None: see compose.region_option
    scale: str = "auto"  # native | auto | working height in px
    backend: str = "auto"
    device: str = "auto"
    budget: int | None = None  # windows a frame against a clock; 0: all; None: what keeps 10 Hz
    threshold_shift: float = 0.0  # quality points by which both thresholds of the bundle are stricter
    topk_frac: float | None = None  # None: what the bundle says
    patch: int | None = None
    stride: int | None = None
    max_patches: int | None = None  # the published random subsample; for comparison only
    seed: int = 2026


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it."""

    scoring: ScoringSettings = field(default_factory=ScoringSettings)
    steadiness: Steadiness = field(default_factory=Steadiness)


def load_settings(path: Path | None) -> Settings:
    """Read a settings file; None: the defaults. Raises `SettingsError` that names file and key."""
    if path is None:
        return Settings()
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SettingsError("is too large for a settings file", path)
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"settings cannot be read ({error.strerror})", path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"settings are not valid TOML ({error})", path) from error
    return from_table(Settings, document, where=str(path))


T = typing.TypeVar("T")


def from_table(kind: type[T], table: dict[str, Any], where: str) -> T:
    """A frozen dataclass from a TOML table. Raises `SettingsError` for unknown keys and wrong types."""
    hints = typing.get_type_hints(kind)
    known = {entry.name for entry in fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise SettingsError(f"unknown setting {key!r}", where, f"known are {', '.join(sorted(known))}")
        hint = hints[key]
        if is_dataclass(hint) and isinstance(hint, type):
            if not isinstance(value, dict):
                raise SettingsError(f"{key} must be a table", where)
            values[key] = from_table(hint, value, f"{where} [{key}]")
        else:
            values[key] = _checked(value, hint, key, where)
    return kind(**values)


def with_options(settings: Settings, options: dict[str, Any]) -> Settings:
    """`settings` with the options of a command on top; None means not given."""
    given = {name: value for name, value in options.items() if value is not None}
    return replace(settings, scoring=replace(settings.scoring, **given))


def _checked(value: Any, hint: Any, key: str, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is Literal:
        if value not in typing.get_args(hint):
            choices = ", ".join(map(str, typing.get_args(hint)))
            raise SettingsError(f"{key} = {value!r} is unknown", where, f"choose one of {choices}")
        return value
    kinds = typing.get_args(hint) if origin in (typing.Union, types.UnionType) else (hint,)
    if float in kinds and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if isinstance(value, list):
        value = tuple(value)
        kinds = tuple(typing.get_origin(k) or k for k in kinds)
    if type(value) not in kinds:
        expected = " or ".join(k.__name__ for k in kinds if k is not type(None))
        raise SettingsError(f"{key} = {value!r} must be {expected}", where)
    return value
