"""What PyTorch or safetensors saved -> dictionaries and tensors, without running what a file may hold.

Training scripts keep options, dates and metrics beside the weights. A pickle names the classes of those; here
each name of a library that scripts use so stands for an empty object, which is made and filled in its place.
Nothing is imported by a name in a file, and any other name is refused.
"""

from __future__ import annotations

import json
import re
import shlex
import warnings
from collections import OrderedDict
from pathlib import Path
from typing import Any

from scanmon.core.errors import CheckpointError, disk_errors

# packages whose objects are values beside weights; the names are only looked up in this text, never imported
_STOOD_IN = re.compile(
    r"(numpy|pathlib|datetime|zoneinfo|decimal|fractions|uuid|enum|argparse|types|typing|omegaconf|yacs|easydict"
    r"|addict|ml_collections|box|mmengine\.config|mmcv\.utils\.config|fvcore\.common\.config|hydra"
    r"|collections\.(defaultdict|deque|ChainMap|UserDict)"
    r"|builtins\.(bool|bytes|complex|dict|float|frozenset|int|list|object|range|set|slice|str|tuple)"
    r"|(pytorch_)?lightning(_fabric)?|torch\.optim|torch\.torch_version|timm\.(utils|scheduler|optim))\b"
)
_MOST_NAMES = 200
REMEDY = "name a complete TinyUSFM, USFM or ViT-B/16 checkpoint (.pth, .safetensors)"


# those that pickle as what they are derived from: entries are put in one by one
_DICTIONARIES = re.compile(r"collections\.defaultdict|yacs\.|easydict\.|addict\.|box\.|(mmengine|mmcv)\.")


class _StandIn:
    """Takes everything that a pickle does to an object, and keeps none of it."""

    def __new__(cls, *_: object, **__: object) -> _StandIn:
        return object.__new__(cls)

    def __setstate__(self, state: object) -> None:
        """Dropped."""


class _Dictionary:
    """The unpickler of PyTorch fills no class that is derived from a dictionary, so a plain one is made."""

    def __new__(cls, *_: object) -> OrderedDict[object, object]:  # type: ignore[misc]
        return OrderedDict()


class _List:
    def __new__(cls, *_: object) -> list[object]:  # type: ignore[misc]
        return []


def content_of(path: Path) -> object:
    """Tensors stay in the file until they are used, where its form allows. Raises `CheckpointError`."""
    with disk_errors(CheckpointError, "cannot be read", path, REMEDY), path.open("rb") as file:
        head = file.read(16)
    if path.suffix.lower() == ".safetensors" or (head[8:9] == b"{" and not head.startswith(b"PK")):
        return _safetensors(path)
    import torch

    names: list[Any] = []  # classes
    while True:
        try:
            with torch.serialization.safe_globals(names), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about pickle protocols; what it gives is checked
                mapped = head.startswith(b"PK")
                return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
        except Exception as error:  # torch.load documents none: whatever it raises, the file is not usable
            # of the first sentence alone: what follows quotes the file too
            refused = re.search(r"(?:GLOBAL|global):? (?:GLOBAL )?([\w.]+)", str(error))
            name = refused[1] if refused else ""
            name = f"builtins.{name}" if name and "." not in name else name  # left out in the message
            if not _STOOD_IN.match(name) or len(names) == _MOST_NAMES or name in map(_full_name, names):
                raise _refused(error, name, head, path) from error
            names.append(_stand_in(name))


def _stand_in(name: str) -> type:
    module, _, attribute = name.rpartition(".")
    kind: type = _Dictionary if _DICTIONARIES.match(name) else _StandIn
    kind = _List if name == "collections.deque" else kind
    return type(attribute, (kind,), {"__module__": module, "__qualname__": attribute})


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _refused(error: Exception, name: str, head: bytes, path: Path) -> CheckpointError:
    newer = "Unsupported operand" in str(error) and head.startswith((b"PK", b"\x80"))
    if not name and not newer:
        return CheckpointError(f"is not a readable checkpoint ({type(error).__name__})", path, REMEDY)
    what = f"holds code ({name}), which is not run" if name else "is a pickle of a form that is not read"
    return CheckpointError(what, path, f"if you trust it, save its weights alone: {weights_alone(path)}")


def weights_alone(path: Path) -> str:
    """A command that runs the file as its writer meant it, and saves what is needed here."""
    code = (
        f"import torch; c = torch.load({json.dumps(str(path))}, 'cpu', weights_only=False); "
        "c = c.get('state_dict', c.get('model', c)) if isinstance(c, dict) else c; "
        "c = c.state_dict() if hasattr(c, 'state_dict') else c; "
        "torch.save({k: v for k, v in c.items() if torch.is_tensor(v)}, "
        f"{json.dumps(path.stem + '_weights.pth')})"
    ).replace("'", '"')
    return f"python -c {shlex.quote(code)}"


def _safetensors(path: Path) -> object:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError as error:
        raise CheckpointError(
            "needs the library safetensors", path, "pip install 'scanmon[build]'"
        ) from error
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:100]
        raise CheckpointError(f"is not a readable safetensors file ({reason})", path, REMEDY) from error
