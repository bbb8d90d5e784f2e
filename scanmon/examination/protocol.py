"""A protocol: the views of an examination, and what each must reach. TOML, shown in docs/formats.md."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from scanmon.core.documents import checked, read_toml
from scanmon.core.errors import SettingsError
from scanmon.core.values import Provenance

MOST_VIEWS: Final = 24
_LINE: Final = r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+\Z"
Name = Annotated[str, Meta(min_length=1, max_length=60, pattern=_LINE)]


@dataclass(frozen=True, slots=True)
class ProtocolView:
    """A view that the examination needs, and when its picture is good enough to be kept."""

    name: Name
    reach: Literal["adequate", "marginal"] = "adequate"  # the word that its quality must reach
    quality: Annotated[float, Meta(ge=0, le=100)] | None = None  # in place of the word
    hold_s: Annotated[float, Meta(ge=0.2, le=30)] = 1.5  # for how long

    def bound(self, provenance: Provenance) -> float | None:
        """Least quality 0..100; None where the bundle is not calibrated and the view names none."""
        if self.quality is not None or provenance.thresholds is None:
            return self.quality
        return provenance.thresholds[0 if self.reach == "marginal" else 1]


@dataclass(frozen=True, slots=True)
class Protocol:
    """Views in their order; names are unique."""

    title: Name
    views: Annotated[tuple[ProtocolView, ...], Meta(min_length=1, max_length=MOST_VIEWS)]
    note: Annotated[str, Meta(max_length=300)] = ""


def read_protocol(path: Path) -> Protocol:
    """Raises `SettingsError` that names the file, the key, what it holds and what is allowed."""
    return _checked(read_toml(path), path)


def _checked(document: dict[str, Any], where: object) -> Protocol:
    protocol = checked(Protocol, document, where, remedy="docs/formats.md shows a protocol")
    names = [view.name for view in protocol.views]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise SettingsError(f"views: {double!r} is there twice", where, "each view has a name of its own")
    return protocol


@cache
def samples(language: str = "en") -> tuple[Protocol, ...]:
    """The protocols that ship: to begin from, none of them a guideline. English where `language` has none."""
    with as_file(files("scanmon.examination") / "protocols") as folder:
        own = sorted(folder.glob(f"{language}/*.toml"))
        return tuple(map(read_protocol, own or sorted(folder.glob("*.toml"))))


def own_protocols(folder: Path) -> tuple[list[Protocol], list[SettingsError]]:
    """The protocols in a folder, and what is wrong with the others; nothing where there is no folder."""
    found: list[Protocol] = []
    faults: list[SettingsError] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found.append(read_protocol(path))
        except SettingsError as error:
            faults.append(error)
    return found, faults
