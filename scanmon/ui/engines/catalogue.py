"""Engine bundles that this machine has."""

from dataclasses import dataclass
from pathlib import Path

from scanmon.core.errors import ScanmonError
from scanmon.scoring.bundle import Bundle, default_bundle, open_bundle
from scanmon.ui.state.errors import error_text


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """One bundle: `name` is what `--bundle` takes."""

    name: str
    title: str
    metrics: tuple[str, ...] = ()
    organs: tuple[str, ...] = ()
    precision: str = ""
    licence: str = ""
    problem: str = ""  # why it cannot be used


def bundles(folder: Path, chosen: str = "default") -> list[BundleEntry]:
    """The default bundle, those in the user's folder, and the one that is chosen now.

    Every file of a bundle is checked, which reads it whole: call this on a thread of its own.
    """
    names = ["default"]
    if folder.is_dir():
        names += [str(path.parent) for path in sorted(folder.glob("*/bundle.toml"))]
    folders = [_folder(name).resolve() for name in names]
    if _folder(chosen).resolve() in folders:  # one bundle, one line, by the name that was chosen
        names[folders.index(_folder(chosen).resolve())] = chosen
    else:
        names.append(chosen)
    return [_entry(name) for name in names]


def _entry(name: str) -> BundleEntry:
    try:
        bundle = open_bundle(_folder(name))
    except ScanmonError as error:
        return BundleEntry(name, name, problem=error_text(error))
    return BundleEntry(
        name,
        f"{bundle.name} {bundle.version}",
        metrics=tuple(metric for metric in ("map", "nrq") if getattr(bundle, metric) is not None),
        organs=tuple(Path(organ).stem for organ in bundle.nrq.organs) if bundle.nrq else (),
        precision=_precision(bundle),
        licence=bundle.licence,
    )


def _folder(name: str) -> Path:
    return default_bundle() if name == "default" else Path(name)


def _precision(bundle: Bundle) -> str:
    parts = [("map", bundle.map), ("nrq", bundle.nrq)]
    return ", ".join(f"{name} {part.precision}" for name, part in parts if part is not None)
