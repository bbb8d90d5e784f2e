"""TOML and CSV that people write: read with a size limit; TOML checked against a type, and written whole.

A type is a frozen dataclass whose fields say what is allowed: `Annotated[float, Meta(ge=0, le=1)]`.
The same declaration makes the check, the command-line option and the page of the documentation.
"""

import csv
import io
import logging
import math
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec
import tomli_w

from scanmon.core.errors import ScanmonError, SettingsError, disk_errors
from scanmon.core.write_atomic import write_atomic

MAX_BYTES = 1 << 20
MAX_TABLE_BYTES = 16 << 20
MAX_NAMED = 8  # unknown keys

_log = logging.getLogger(__name__)

T = TypeVar("T")
Fault = type[ScanmonError]


def read_toml(path: Path, fault: Fault = SettingsError, remedy: str = "mend or remove it") -> dict[str, Any]:
    """The content of a TOML file of at most 1 MiB. Raises `fault`, which names the file."""
    try:
        if path.exists() and not path.is_file():  # a device may never end
            raise fault("is not a file", path, remedy)
        if path.stat().st_size > MAX_BYTES:
            raise fault("is too large: 1 MiB is allowed", path, remedy)
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise fault(f"cannot be read ({error.strerror})", path, remedy) from error
    except (ValueError, RecursionError) as error:  # TOML, UTF-8, numbers with thousands of digits
        raise fault(f"is not valid TOML ({error})", path, remedy) from error


def write_toml(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document whole; entries that are None are left out. Raises `SettingsError`."""
    with disk_errors(SettingsError, "cannot be saved", path, "check the rights of its folder"):
        write_atomic(path, toml_text(document).encode("utf-8"))


def read_csv(path: Path, forms: str) -> tuple[set[str], list[tuple[int, dict[str, str]]]]:
    """The names of the columns, in small letters, and each row with its line; a cell that is not there: "".

    Commas, semicolons or tabs, whichever the first line has most of: spreadsheets write what their country
    does. Raises `SettingsError` with `forms`, what the table should hold, also for a cell beyond the names:
    it is what a comma in a number leaves.
    """
    try:
        if not path.is_file():
            raise SettingsError("is no file" if path.exists() else "there is no such file", path, forms)
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise SettingsError("is larger than 16 MB", path, forms)
        text = path.read_bytes().decode("utf-8-sig")
        mark = max(",;\t", key=text.partition("\n")[0].count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
        names = [name.strip().lower() for name in next(reader, [])]
        rows = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if any(cell.strip() for cell in cells[len(names) :]):
                    raise SettingsError(
                        f"line {reader.line_num}: more cells than the first line names", path, forms
                    )
                found = [cell.strip() for cell in cells] + [""] * len(names)
                rows.append((reader.line_num, dict(zip(names, found, strict=False))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"cannot be read as CSV ({error})", path, forms) from error
    return set(names), rows


def file_named(folder: Path, text: str) -> str:
    """The name of a file below `folder` as a table has it, with the separators of Windows understood."""
    return text.replace("\\", "/") if "\\" in text and not (folder / text).exists() else text


def toml_text(document: Mapping[str, Any]) -> str:
    """TOML of nested mappings; entries that are None are left out, since TOML has no word for them."""
    return tomli_w.dumps(_without_none(document))


def checked(
    kind: type[T],
    document: object,
    where: object,
    fault: Fault = SettingsError,
    remedy: str = "",
    *,
    others: bool = False,
) -> T:
    """The document as a `kind`. Raises `fault` with the key, what it holds and what is allowed there.

    `others`: keys that are not declared are named in the log and passed over, for files that later versions
    may write.
    """
    for number, error in enumerate(_unknown(kind, document, "", where, fault)):
        if not others:
            raise error
        if number == MAX_NAMED:
            _log.warning("%s: more unknown keys", where)
            break
        _log.warning("%s", error)
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        keys = place.strip("`.").replace("[...]", "")
        declared, value = _at(kind, document, keys)
        key = keys or "the document"
        if "missing required field" in reason:
            raise fault(f"{key}: it lacks the key {reason.split('`')[1]}", where, remedy) from error
        if value is _ABSENT or declared is None:
            raise fault(f"{key} is not allowed: {reason.replace('`', '')}", where, remedy) from error
        raise fault(
            f"{key} = {_short(value)} is not allowed, but {allowed(declared)}", where, remedy
        ) from error


_WORDS = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}


def allowed(hint: Any) -> str:
    """What a declared type takes, in words: `a number at least 0 and at most 1`, `one of auto, nrq, map`."""
    kind, limits = limits_of(hint)
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    if get_origin(kind) is tuple:
        return f"a list, each {allowed(get_args(kind)[0])}"
    number = "a whole number" if kind is int else "a number"
    if limits is not None and limits.ge is not None:  # a number has bounds on either side
        return f"{number} at least {limits.ge:g} and at most {limits.le:g}"
    if limits is not None and limits.gt is not None:
        return f"{number} more than {limits.gt:g} and at most {limits.le:g}"
    return _WORDS.get(kind, "a table")


def limits_of(hint: Any) -> tuple[Any, msgspec.Meta | None]:
    """The bare type of a field and its limits, without `None` where the field may be left out."""
    hint, limits = _parts(hint)
    if _is_union(hint):
        for kind in get_args(hint):
            if kind is not type(None):
                inner, inner_limits = _parts(kind)
                return inner, inner_limits or limits
    return hint, limits


_ABSENT = object()


def _parts(hint: Any) -> tuple[Any, msgspec.Meta | None]:
    if get_origin(hint) is typing.Annotated:
        kind, *notes = get_args(hint)
        return kind, next((note for note in notes if isinstance(note, msgspec.Meta)), None)
    return hint, None


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (typing.Union, types.UnionType)


def _unknown(kind: Any, document: object, prefix: str, where: object, fault: Fault) -> Iterator[ScanmonError]:
    """What is to be said of each key that is not declared."""
    if not (is_dataclass(kind) and isinstance(document, Mapping)):
        return
    hints = typing.get_type_hints(kind, include_extras=True)
    known = [entry.name for entry in fields(kind)]
    for key, value in document.items():
        if key not in known:
            yield fault(
                f"{prefix}{_short(key)} is an unknown key", where, f"known are {', '.join(sorted(known))}"
            )
            continue
        inner = limits_of(hints[key])[0]
        if get_origin(inner) is tuple and isinstance(value, list):
            for number, item in enumerate(value):
                yield from _unknown(get_args(inner)[0], item, f"{prefix}{key}[{number}].", where, fault)
        yield from _unknown(inner, value, f"{prefix}{key}.", where, fault)


def _at(kind: Any, document: Any, keys: str) -> tuple[Any, object]:
    """Declared type and value at a path such as `scoring.budget`."""
    hint: Any = kind
    for key in keys.replace("[", ".[").split(".") if keys else []:
        bare = limits_of(hint)[0]
        if key.startswith("["):
            hint = (get_args(bare) or (None,))[0]
            document = document[int(key[1:-1])] if isinstance(document, list) and key != "[]" else _ABSENT
        else:
            hint = typing.get_type_hints(bare, include_extras=True).get(key) if is_dataclass(bare) else None
            document = document.get(key, _ABSENT) if isinstance(document, Mapping) else _ABSENT
        if document is _ABSENT:
            break
    return hint, document


def _short(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else repr(value[:60])
    return text if len(text) <= 80 else f"{text[:77]}..."


def _without_none(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _plain_value(value) for key, value in document.items() if value is not None}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _without_none(value)
    if isinstance(value, (list, tuple)):
        return [_plain_value(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise SettingsError(f"{value!r} cannot be written: numbers must be finite")
    return value
