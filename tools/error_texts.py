"""The words of every error that the window may show, as a file that Qt's `lupdate` reads.

Errors are raised in English all over the package. This follows each raise site by its syntax to the texts
that it can have, with `{0}` for what is filled in; `scanmon.ui.state.errors` finds a text again by them. What
is filled in and is said in words itself, the reason that another error gave, is `{0!s}`; a number that is
written with decimals is `{0:s}`.

    python -m tools.error_texts FILE.py     # fails where the words of a raise site cannot be followed
"""

import ast
import errno
import os
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parent.parent / "scanmon"
# what no window calls: the Python interface and commands that are typed alone, but for those that it starts
ELSEWHERE = (
    *("api/", "cli/", "app/deidentify/", "app/study.py", "degradations/", "lab/agree.py", "lab/bench/"),
    *("lab/evaluate/", "lab/losses.py", "lab/measure.py", "lab/paper.py", "lab/qa/", "runtime/workers.py"),
    *("scoring/own.py", "ui/study/"),
)
STARTED = tuple(f"cli/{name}.py" for name in ("__init__", "build", "calibrate", "check", "export", "output"))
# what the first raises is known by its calls; the other is called by those alone that no window calls
PASSED_OVER = ("disk_errors", "read_csv")
# words that are shown and are no errors: the places of the arguments
SHOWN = {
    "Word": (1, 2),
    "Finding": (1,),
    "faults.append": (0,),
    "figures.append": (0,),
    "self._lose": (0,),
} | dict.fromkeys(("progress", "say", "self._say"), (0,))
SAYING = ("scale_text",)  # what these return is shown too
REASONS = (
    "ValueError",
    "TypeError",
    "OSError",
    "ParquetError",
    "LimitReached",
    "NotStarted",
    "ConnectionResetError",
)
SYSTEM = ("EACCES", "EPERM", "ENOENT", "ENOSPC", "EROFS", "EISDIR", "ENOTDIR", "EEXIST", "EIO", "EBUSY",
          "ENAMETOOLONG", "EMFILE", "ENOMEM", "ECONNREFUSED", "ETIMEDOUT", "ENODEV")  # fmt: skip
VALUE, SAID, NUMBER = "\0", "\1", "\2"  # what is filled in
DECIMALS = ("f'", "e'", "g'", "%'")  # ends of formats of numbers, as Python writes them out
MOST_INLINE = 4  # of more fillings each is a text of its own
_WORDS = re.compile(r"[A-Za-z]{2}")

Scope = tuple["Module", tuple[ast.AST, ...]]  # functions and the like around a node, the innermost first


class Module:
    """A file, and what its names stand for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.around: dict[ast.AST, tuple[ast.AST, ...]] = {self.tree: ()}
        nodes: list[ast.AST] = [self.tree]
        for node in nodes:  # it grows: a parent before its children
            around = self.around[node]
            inner = (node, *around) if isinstance(node, (ast.FunctionDef, ast.ExceptHandler)) else around
            children = tuple(ast.iter_child_nodes(node))
            nodes += children
            self.around |= dict.fromkeys(children, inner)
        # of each function, and of the module: what a name is bound to, and at which place of a tuple
        self.bound: dict[tuple[ast.AST, str], list[tuple[ast.expr, int | None]]] = {}
        self.functions: dict[str, list[ast.FunctionDef]] = {}
        self.calls: dict[str, list[ast.Call]] = {}
        for node in tuple(self.around):
            functions = (one for one in self.around[node] if isinstance(one, ast.FunctionDef))
            own: ast.AST = next(functions, self.tree)
            for target, value in _bindings(node):
                self.around.setdefault(value, self.around[node])
                if isinstance(target, ast.Name):
                    self.bound.setdefault((own, target.id), []).append((value, None))
                for place, one in enumerate(target.elts if isinstance(target, ast.Tuple) else ()):
                    self.bound.setdefault((own, _name(one)), []).append((value, place))
            if isinstance(node, ast.FunctionDef):
                self.functions.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.Call):
                self.calls.setdefault(_name(node.func), []).append(node)
        self.imports = {
            name.asname or name.name: node.module
            for node in nodes
            if isinstance(node, ast.ImportFrom) and node.module
            for name in node.names
        }

    def scope(self, node: ast.AST) -> Scope:
        return self, self.around[node]


class Follower:
    """Texts of expressions, over all modules of a package."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.modules = {
            ".".join(path.relative_to(root.parent).with_suffix("").parts): Module(path)
            for path in sorted(root.rglob("*.py"))
            if (shown := path.relative_to(root).as_posix()).startswith(STARTED)
            or not shown.startswith(ELSEWHERE)
        }
        classes = [
            node
            for module in self.modules.values()
            for node in module.around
            if isinstance(node, ast.ClassDef)
        ]
        self.errors = {"ScanmonError"}
        for _ in range(4):  # classes of classes
            self.errors |= {one.name for one in classes if self.errors & set(map(_name, one.bases))}
        self.texts: dict[str, str] = {}
        self.lost: list[str] = []  # raise sites whose words cannot be followed
        self._open: set[str] = set()  # functions that are being followed
        for module in self.modules.values():
            shown = module.path.relative_to(root).as_posix()
            for node in module.around:
                if isinstance(node, ast.Call):
                    self._site(node, module.scope(node), f"{shown}:{node.lineno}")
                elif isinstance(node, ast.FunctionDef) and node.name in SAYING:
                    for one in (one for one in ast.walk(node) if isinstance(one, ast.Return)):
                        self._add(self.follow(one.value, module.scope(one)), f"{shown}:{one.lineno}")
                elif isinstance(node, ast.Assign) and _name(node.targets[0]) == "warning":
                    self._add(self.follow(node.value, module.scope(node)), f"{shown}:{node.lineno}")

    def _site(self, call: ast.Call, scope: Scope, shown: str) -> None:
        if any(isinstance(around, ast.FunctionDef) and around.name in PASSED_OVER for around in scope[1]):
            return
        name, whole = _name(call.func), ast.unparse(call.func)
        given: dict[object, ast.expr] = dict(enumerate(call.args)) | {
            word.arg: word.value for word in call.keywords
        }
        if name == "disk_errors":
            self._add([f"{text} ({SAID})" for text in self.follow(given[1], scope)], shown, must=True)
            self._add(self.follow(given.get(3), scope), shown)
        elif name in self.errors or self._is_error(name, scope):
            self._add(self.follow(given[0], scope), shown, must=True)
            remedy = given.get(2, given.get("remedy"))
            self._add(self.follow(remedy, scope) if remedy else [], shown, must=True)
        elif name in REASONS:
            self._add(self.follow(given.get(0), scope), shown)
        good = name == "Word" and ast.unparse(call.args[0]) == "True"  # of no interest to a window
        for place in () if good else SHOWN.get(whole, SHOWN.get(name, ())):
            self._add(self.follow(given.get(place), scope), shown)

    def _is_error(self, name: str, scope: Scope) -> bool:
        """A parameter that is a class of errors."""
        for around in scope[1]:
            if isinstance(around, ast.FunctionDef):
                for arg in (*around.args.args, *around.args.kwonlyargs):
                    if arg.arg == name and arg.annotation is not None:
                        said = ast.unparse(arg.annotation)
                        return said == "Fault" or said.startswith("type[")
        return False

    def _add(self, texts: Sequence[str], shown: str, *, must: bool = False) -> None:
        """`must`: a text without any words of its own is lost."""
        for text in texts:
            if _WORDS.search(text) or (SAID in text and text != SAID):
                self.texts.setdefault(_numbered(text), shown)
            elif must and text not in ("", SAID):
                self.lost.append(shown)

    def follow(  # noqa: PLR0911, PLR0912 - a case for each form of an expression
        self, node: ast.AST | None, scope: Scope, deep: int = 0
    ) -> list[str]:
        if deep > 12 or node is None:
            return [VALUE]
        again = deep + 1
        match node:
            case ast.Constant(value=str(text)):
                return [text.replace("{", "{{").replace("}", "}}")]
            case ast.Constant(value=None):
                return [""]
            case ast.JoinedStr(values=parts):
                return _joined([self.follow(part, scope, again) for part in parts])
            case ast.FormattedValue(value=value):
                if node.format_spec is not None:
                    return [NUMBER if ast.unparse(node.format_spec).endswith(DECIMALS) else VALUE]
                plain = node.conversion == -1
                return self._filled(self.follow(value, scope, again), scope) if plain else [VALUE]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _joined([self.follow(left, scope, again), self.follow(right, scope, again)])
            case ast.IfExp(body=body, orelse=other):
                return _all(self.follow(one, scope, again) for one in (body, other))
            case ast.BoolOp(op=ast.Or(), values=values):
                return _all(self.follow(one, scope, again) for one in values)
            case ast.Name(id=name):
                return self._of_name(name, scope, again)
            case ast.Attribute(attr="what" | "remedy" | "strerror" | "text"):
                return [SAID]
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in scope[0].imports:
                there = self.modules.get(f"{scope[0].imports[owner]}.{owner}")
                return self._of_name(name, (there, ()), again) if there else [VALUE]
            case ast.Subscript(value=ast.Name(id=name)):
                return _all(self.follow(one, scope, again) for one in self._values(name, scope)) or [VALUE]
            case ast.Call(func=ast.Name(id="str" | "one_line" | "shown"), args=[value, *_]):
                return self.follow(value, scope, again)
            case ast.Call(func=ast.Name(id="next"), args=[ast.GeneratorExp(elt=value), *_]):
                return self.follow(value, scope, again)
            case ast.Call(func=ast.Attribute(value=ast.Dict(values=values), attr="get"), args=[_, other]):
                return _all(self.follow(one, scope, again) for one in (*values, other))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[_, other]):
                return _all(self.follow(one, scope, again) for one in (*self._values(name, scope), other))
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(between)), attr="join"), args=[of]):
                return self._listed(between, of, scope, again)
            case ast.Call(func=func):
                return self._returned(func, scope, again)
            case _:
                return [VALUE]

    def _of_name(self, name: str, scope: Scope, deep: int) -> list[str]:
        module, around = scope
        for inner in around:
            if isinstance(inner, ast.ExceptHandler):
                if inner.name == name:
                    return [SAID]
                continue
            assert isinstance(inner, ast.FunctionDef)
            if found := module.bound.get((inner, name)):
                return _all(self._bound(value, index, module, deep) for value, index in found)
            if name in _parameters(inner):
                return self._given(inner, name, module, deep)
        for value, index in module.bound.get((module.tree, name), ()):
            return self._bound(value, index, module, deep)
        there = self.modules.get(module.imports.get(name, ""))
        return [VALUE] if there in (None, module) else self._of_name(name, (there, ()), deep)

    def _bound(self, value: ast.AST, index: int | None, module: Module, deep: int) -> list[str]:
        scope = module.scope(value)
        if index is None:
            return self.follow(value, scope, deep)
        if isinstance(value, ast.Tuple):
            return self.follow(value.elts[index], scope, deep)
        return self._returned(value.func, scope, deep, index) if isinstance(value, ast.Call) else [VALUE]

    def _filled(self, texts: list[str], scope: Scope) -> list[str]:
        """What stands in a hole. A single word is rather a name; of many texts each is told for itself."""
        words = [text for text in texts if " " in text or text == SAID]
        if not words:
            return [VALUE]
        if len(words) > MOST_INLINE:
            self._add(words, str(scope[0].path.relative_to(self.root)))
            return [SAID]
        return _all([[text if text in ("", *words) else VALUE] for text in texts])

    def _listed(self, between: str, of: ast.AST, scope: Scope, deep: int) -> list[str]:
        match of:
            case ast.GeneratorExp(elt=one):
                texts = self.follow(one, scope, deep)
                if not any(SAID in text or " " in text for text in texts):
                    return [VALUE]
                self._add(texts, str(scope[0].path.relative_to(self.root)))
                return [SAID]
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="values")):
                texts = [self.follow(one, scope, deep)[0] for one in self._values(name, scope)]
                return [between.join(texts)] if texts else [VALUE]
            case _:
                return [SAID] if "; " in between else [VALUE]

    def _values(self, name: str, scope: Scope) -> list[ast.expr]:
        """Of a dictionary at the top of a module."""
        bound = scope[0].bound.get((scope[0].tree, name))
        return bound[0][0].values if bound and isinstance(bound[0][0], ast.Dict) else []

    def _given(self, function: ast.FunctionDef, name: str, module: Module, deep: int) -> list[str]:
        """What the callers of a function give for a parameter."""
        names = _parameters(function)
        place = names.index(name) - (names[0] in ("self", "cls"))
        texts: list[list[str]] = []
        called = function.name
        if called == "__init__":
            classes = (node for node in module.around if isinstance(node, ast.ClassDef))
            called = next(one.name for one in classes if function in one.body)
        for other in self.modules.values():
            if other is not module and module is not self.modules.get(other.imports.get(called, "")):
                continue
            for call in other.calls.get(called, ()):
                words = {word.arg: word.value for word in call.keywords}
                if name in words or place < len(call.args):
                    value = words.get(name) or call.args[place]
                    texts.append(self.follow(value, other.scope(call), deep))
        given = function.args
        for arg, default in (
            *zip(reversed(given.args), reversed(given.defaults), strict=False),
            *zip(given.kwonlyargs, given.kw_defaults, strict=True),
        ):
            if arg.arg == name and default is not None:
                texts.append(self.follow(default, module.scope(default), deep))
        return _all(texts) or [VALUE]

    def _returned(self, func: ast.AST, scope: Scope, deep: int, index: int | None = None) -> list[str]:
        module, name = scope[0], _name(func)
        if name not in module.functions:
            module = self.modules.get(module.imports.get(name, ""), module)
        if name in self._open:
            return [SAID]  # it says its own words within its words
        self._open.add(name)
        texts = [
            self._bound(node.value, index, module, deep)
            for function in module.functions.get(name, ())
            for node in ast.walk(function)
            if isinstance(node, ast.Return) and node.value is not None
        ]
        self._open.discard(name)
        return _all(texts) or [VALUE]


def _bindings(node: ast.AST) -> Iterator[tuple[ast.AST, ast.expr]]:
    """Targets and what they are bound to."""
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, (ast.For, ast.comprehension)):
        # of what is no literal anything may come: an expression that nothing follows
        each = node.iter.elts if isinstance(node.iter, (ast.Tuple, ast.List)) else [ast.Await(node.iter)]
        yield from ((node.target, one) for one in each)


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [arg.arg for arg in (*function.args.args, *function.args.kwonlyargs)]


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _all(texts: Iterator[list[str]] | list[list[str]]) -> list[str]:
    return list(dict.fromkeys(text for some in texts for text in some))


def _joined(parts: list[list[str]]) -> list[str]:
    return ["".join(one) for one in product(*parts)] if parts else [""]


def _numbered(text: str) -> str:
    pieces = re.split("([\0\1\2]+)", text)
    for number, place in enumerate(range(1, len(pieces), 2)):
        filled = pieces[place]
        pieces[place] = f"{{{number}{'!s' if SAID in filled else ':s' if filled == NUMBER else ''}}}"
    return "".join(pieces)


def write(path: Path) -> list[str]:
    """Write the file; returns the raise sites whose words cannot be followed."""
    found = Follower()
    for text in (os.strerror(getattr(errno, name)) for name in SYSTEM):
        found.texts.setdefault(text, "the system")
    lines = [f'translate("Errors", {text!r})  # {place}' for text, place in sorted(found.texts.items())]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return found.lost


if __name__ == "__main__":
    if lost := write(Path(sys.argv[1])):
        raise SystemExit(f"the words of these raise sites cannot be followed: {', '.join(lost)}")
