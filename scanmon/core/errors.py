"""What can go wrong that a user can put right. Each error is one line: `where: what; what to do`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class ScanmonError(Exception):
    """Something could not be done.

    `what` names the fault, `where` the file, device or option it is in, `remedy` what the user can do.
    `str(error)` is the one line that the commands print behind `error: `.
    """

    def __init__(self, what: str, where: object = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, str(where), remedy
        super().__init__(joined(what, self.where, remedy))

    def __reduce__(self) -> tuple[type[ScanmonError], tuple[str, str, str]]:
        """Survive the way back from a worker process."""
        return type(self), (self.what, self.where, self.remedy)


def joined(what: str, where: str, remedy: str) -> str:
    """The one line: `where: what; what to do`, without what is empty."""
    return "; ".join(filter(None, (": ".join(filter(None, (where, what))), remedy)))


class SourceError(ScanmonError):
    """A file, device or stream gives no frames."""


class NoPictureError(SourceError):
    """A sound file that holds no picture: a directory of a CD, a structured report."""


class BundleError(ScanmonError):
    """An engine bundle is missing, damaged or not of the expected form."""


class OrganModelError(BundleError):
    """An organ model file is not usable."""


class CheckpointError(ScanmonError):
    """A PyTorch checkpoint is not one of the known backbones, or is incomplete."""


class EngineError(ScanmonError):
    """A runtime cannot run an engine on this machine."""


class SettingsError(ScanmonError):
    """A setting or option has a value that makes no sense."""


class SinkError(ScanmonError):
    """Results cannot be written."""


@contextmanager
def disk_errors(fault: type[ScanmonError], what: str, where: object, remedy: str = "") -> Iterator[None]:
    """What the system refuses within is raised as `fault`, with its reason behind `what`."""
    try:
        yield
    except OSError as error:
        raise fault(f"{what} ({refusal(error)})", where, remedy) from error


def refusal(error: OSError) -> str:
    """What the system said; libraries raise errors of their own in the place of its."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.strerror:
            return found.strerror
        found = found.__cause__ or found.__context__
    return str(error).partition("\n")[0]
