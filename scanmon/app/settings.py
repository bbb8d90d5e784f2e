"""Settings: a TOML file into frozen values, options of a command on top.

Each setting is declared once: type, range, default and help. The check of the file, the option of the command
and docs/settings.md follow from that declaration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from scanmon.core.documents import checked, read_toml
from scanmon.scoring.calibration import Steadiness

Name = Annotated[str, Meta(max_length=4096)]
Plain = Annotated[str, Meta(max_length=80, pattern=r"\A[A-Za-z0-9 _,:+=%()-]*\Z")]  # as sessions may hold it
Pixels = Annotated[int, Meta(ge=1, le=1024)]


@dataclass(frozen=True, slots=True)
class ScoringSettings:
    """What scores a picture, and how."""

    bundle: Annotated[Name, Meta(description="name or folder of an engine bundle")] = "default"
    metric: Annotated[
        Literal["auto", "nrq", "map"],
        Meta(description="map: a small fast network; nrq: TinyUSFM-NRQ as published; auto: map where it is"),
    ] = "auto"
    organ: Annotated[Name, Meta(description="one organ model, or auto: the mixture of all")] = "auto"
    region: Annotated[Name | None, Meta(description="auto, full, X,Y,W,H or a FILE with a shape")] = None
    scale: Annotated[Name, Meta(description="native, auto or the working height in pixels")] = "auto"
    backend: Annotated[
        Name, Meta(description="engine runtime: auto, onnxruntime, openvino, tensorrt ...")
    ] = "auto"
    device: Annotated[Name, Meta(description="device of the runtime: auto, cpu, cuda:0 ...")] = "auto"
    budget: Annotated[
        Annotated[int, Meta(ge=0, le=100_000)] | None,
        Meta(description="windows of nrq a frame while it is watched; 0: all; auto: keeps 10 Hz"),
    ] = None
    threshold_shift: Annotated[
        float, Meta(ge=-100, le=100, description="points of quality by which both thresholds are stricter")
    ] = 0.0
    topk_frac: Annotated[
        Annotated[float, Meta(gt=0, le=1)] | None,
        Meta(description="share of the worst windows that makes the score; as published 0.15"),
    ] = None
    patch: Annotated[Pixels | None, Meta(description="window side in pixels; as published 224")] = None
    stride: Annotated[Pixels | None, Meta(description="window distance in pixels; as published 112")] = None
    max_patches: Annotated[
        Annotated[int, Meta(ge=0, le=100_000)] | None,
        Meta(description="score a random N of the windows, as the published code does by default"),
    ] = None
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1, description="of --max-patches")] = 2026


@dataclass(frozen=True, slots=True)
class RecordingSettings:
    """What is stored of a picture, and beside it."""

    mask_text: Annotated[
        bool, Meta(description="letters inside the sector are stored black, in sessions and saved pictures")
    ] = False
    scanner: Annotated[
        Plain, Meta(description="name of the scanner, plain letters: trends tells sessions apart by it")
    ] = ""
    probe: Annotated[Plain, Meta(description="name of the probe, the same")] = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it."""

    scoring: ScoringSettings = field(default_factory=ScoringSettings)
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    steadiness: Steadiness = field(default_factory=Steadiness)


def load_settings(path: Path | None) -> Settings:
    """Read a settings file; None: the defaults. Raises `SettingsError`: file, key, what is allowed."""
    return Settings() if path is None else checked(Settings, read_toml(path), path)


def with_options(settings: Settings, options: Mapping[str, Any]) -> Settings:
    """`settings` with the options of a command on top, by their names; None means not given."""
    scoring, recording = (
        {entry.name: options[entry.name] for entry in fields(table) if options.get(entry.name) is not None}
        for table in (ScoringSettings, RecordingSettings)
    )
    return replace(
        settings,
        scoring=replace(settings.scoring, **scoring),
        recording=replace(settings.recording, **recording),
    )
