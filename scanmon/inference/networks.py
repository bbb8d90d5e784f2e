"""The networks of a bundle, in each form that a runtime takes, and proved before one loads it.

`onnx_check` sees what a network states; what it makes of the size of its input is seen when it runs. As a
network must not look at the content to choose a size (`onnx_check`), one pass in a process with limits shows
it, of each network that did not come with scanmon. What passed is not tried again: its sha256 is kept in the
user's cache, as are the forms that were made from a bundle's own network on this machine.
"""

import contextlib
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError, disk_errors
from scanmon.core.limited_process import MEMORY, LimitedProcess, LimitReached, Message, NotStarted, serve
from scanmon.core.write_atomic import write_atomic
from scanmon.inference.cache_folder import cache_folder
from scanmon.inference.onnx import BATCH, OnnxEngine
from scanmon.inference.onnx_check import check_network
from scanmon.scoring.bundle import Bundle, MapPart, NrqPart, default_bundle

_SECONDS = 20.0  # of a processor, and as long again for each 100 MB of weights
_COPIES = 4  # of the weights, that a runtime may hold while it packs them
_MAP_SIDES = 448, 608  # px
_OF_MEMORY = ("alloc", "arena", "out of memory", "more than 4294967296 bytes")  # ONNX Runtime
_REMEDY = "use a bundle that scanmon build has written"


def network_of(bundle: Bundle, part: NrqPart | MapPart) -> bytes:
    """The part's own network, to be run.

    Raises `BundleError`, or `EngineError` for one that is not run, or takes more memory or time than a
    picture needs.
    """
    return proved(bundle.read(part.file), bundle, part)


def proved(network: bytes, bundle: Bundle, part: NrqPart | MapPart) -> bytes:
    """`network` itself. Raises as `network_of`."""
    where = bundle.folder / part.file
    check_network(network, where)
    if bundle.folder.resolve() == default_bundle().resolve():
        return network
    shape = (BATCH, part.patch, part.patch) if isinstance(part, NrqPart) else (1, *_map_sides(part.stride))
    known = cache_folder() / "tried" / f"{hashlib.sha256(network).hexdigest()}-{'x'.join(map(str, shape))}"
    if not known.exists():
        _try(network, shape, where)
        with contextlib.suppress(OSError):  # a home that cannot be written: it is tried again next time
            write_atomic(known, b"")
    return network


def derived(bundle: Bundle, part: NrqPart, form: str) -> bytes | None:
    """The network in `form` (`plain`, `cuda-fp16`; "": its own): a variant, or one that was kept here."""
    if not form:
        return bundle.read(part.file)
    if form in part.variants:
        return bundle.read(part.variants[form])
    for path in sorted(_folder().glob(f"{_stem(bundle, part, form)}-*.onnx")):
        data = path.read_bytes()
        if path.stem.endswith(_digest(data)):  # otherwise it is damaged, and made again
            return data
    return None


def keep(bundle: Bundle, part: NrqPart, form: str, network: bytes) -> Path:
    """Keep a network that was made from the bundle's own. Raises `EngineError`."""
    path = _folder() / f"{_stem(bundle, part, form)}-{_digest(network)}.onnx"
    with disk_errors(EngineError, "the network cannot be kept", path, "free some space"):
        write_atomic(path, network)
    return path


def discard(bundle: Bundle, part: NrqPart, form: str) -> None:
    """Remove what was kept, as something that was found wrong."""
    for path in _folder().glob(f"{_stem(bundle, part, form)}-*.onnx"):
        path.unlink(missing_ok=True)


def prune(keep: set[str]) -> set[str]:
    """Remove what was made from files whose sha256 is not in `keep`. Returns the sha256 of what stays."""
    left = set()
    for path in _folder().glob("*.onnx"):
        if path.stem[:32] in {digest[:32] for digest in keep}:
            left.add(hashlib.sha256(path.read_bytes()).hexdigest())
        else:
            path.unlink(missing_ok=True)
    return left


def _stem(bundle: Bundle, part: NrqPart, form: str) -> str:
    return f"{bundle.files[part.file][:32]}-{form}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _folder() -> Path:
    return cache_folder() / "networks"


def _map_sides(stride: int) -> tuple[int, ...]:
    return tuple(-(-side // stride) * stride for side in _MAP_SIDES)


def _try(network: bytes, shape: tuple[int, ...], where: Path) -> None:
    try:
        process = LimitedProcess("scanmon.inference.networks", MEMORY + _COPIES * len(network))
    except OSError as error:
        raise EngineError(
            f"the network cannot be tried ({error.strerror})", where, "close other programs"
        ) from None
    try:
        process.send(
            {"shape": shape}, _SECONDS * (1 + len(network) / 1e8), [np.frombuffer(network, np.uint8)]
        )
        if process.receive()[0]["memory"]:
            raise LimitReached("takes too much memory")
    except NotStarted:
        raise EngineError(
            "what tries the network does not start", where, "scanmon doctor says what is missing"
        ) from None
    except LimitReached as reached:
        raise EngineError(f"the network {reached}", where, _REMEDY) from None
    finally:
        process.close()


def _answer(message: Message, arrays: list[bytearray]) -> tuple[Message, list[NDArray[Any]]]:
    noise = np.random.default_rng(0).integers(0, 256, [int(side) for side in message["shape"]], np.uint8)
    try:
        OnnxEngine(bytes(arrays[0]), "", threads=2, batch=len(noise)).run(noise)
    except MemoryError:
        return {"memory": True}, []
    except EngineError as error:  # other faults are told by the runtime that is meant
        said = str(error.__cause__).lower()
        return {"memory": any(word in said for word in _OF_MEMORY)}, []
    return {"memory": False}, []


def main() -> None:
    import onnxruntime  # noqa: F401 - before the memory is limited

    serve(_answer)


if __name__ == "__main__":
    main()
