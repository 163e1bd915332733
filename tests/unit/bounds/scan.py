"""Finds by the syntax tree what may grow: containers of classes and modules, caches, lone tasks.

A key is "room.module:Class.attribute", "room.module:name" for a module's own container,
"room.module:function()" for a cache, and "room.module:function~task" for a task that nobody keeps.

What it cannot see is a container that is handed in under another name and grows there; so every
attribute that is made as a container counts, whether or not it is seen to grow.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NOT_SERVED = {"cli", "lab", "sim", "bench"}
"""Rooms whose processes end with the command that a person gave."""
MAKERS = {
    *("dict", "list", "set", "deque", "defaultdict", "OrderedDict", "Counter", "ChainMap"),
    *("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue", "bytearray", "BytesIO", "StringIO"),
    *("WeakSet", "WeakValueDictionary", "WeakKeyDictionary", "StreamReader"),
}
ROWS = {"Table", "Counted", "Lists", "Derived"}
"""What the licence state is declared of (`appliance.licences.tables`)."""
METRICS = {"Counter", "Gauge", "Histogram", "Summary"}
GROWING = {"append", "appendleft", "extend", "setdefault", "insert", "put_nowait", "add", "update"}
PUSHES = {"heappush", "insort", "insort_left", "insort_right"}
LOOKS = {
    *("len", "sorted", "list", "tuple", "set", "dict", "frozenset", "iter", "enumerate", "any"),
    *("max", "min", "sum", "all", "zip", "reversed", "range", "bool", "islice", "filter", "map"),
}
TASKS = {"create_task", "ensure_future"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(slots=True)
class Found:
    """One that may grow: where it is, how it is made, and where it is seen to change."""

    key: str
    line: int
    made: list[ast.expr] = field(default_factory=list)
    grows: bool = False
    changed_in: set[str] = field(default_factory=set)
    """The functions of its class, other than the constructor, that make it larger or set it."""
    lent: bool = False
    """Handed to somebody else as it is, who might make it larger."""


def last(node: ast.AST | None) -> str:
    """The last word of a name: "deque" of `collections.deque[int]`."""
    if isinstance(node, ast.Subscript):
        return last(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_container(value: ast.expr | None, labels: bool = False) -> bool:
    """Whether this expression makes a container that can grow; with `labels` a `Counter` is a
    metric, which grows if it has labels."""
    match value:
        case ast.List() | ast.Dict() | ast.Set() | ast.ListComp() | ast.DictComp() | ast.SetComp():
            return True
        case ast.Call(func=func) if labels and last(func) in METRICS:
            return any(isinstance(one, ast.Tuple | ast.List) for one in value.args[2:])
        case ast.Call(func=func) if last(func) in MAKERS:
            return True
        case ast.Call(keywords=keywords):
            made = [one.value for one in keywords if one.arg == "default_factory"]
            return any(last(one) in MAKERS or isinstance(one, ast.Lambda) for one in made)
        case ast.IfExp(body=body, orelse=orelse):
            return is_container(body, labels) or is_container(orelse, labels)
        case ast.BoolOp(values=values):
            return any(is_container(one, labels) for one in values)
    return False


def is_typed(annotation: ast.expr | None) -> bool:
    """Whether a type says that it is such a container."""
    if isinstance(annotation, ast.BinOp):
        return is_typed(annotation.left) or is_typed(annotation.right)
    kinds = MAKERS | {"MutableMapping", "MutableSequence", "MutableSet", *ROWS}
    return last(annotation) in kinds


def is_text(value: ast.expr | None) -> bool:
    """Whether it begins as an empty text, bytes, tuple or frozen set."""
    match value:
        case ast.Constant(value="" | b"") | ast.Tuple(elts=[]):
            return True
        case ast.Call(func=ast.Name(id="frozenset" | "tuple"), args=[]):
            return True
    return False


def assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None, ast.expr | None]]:
    """(target, value, annotation) of each target of an assignment; values of unpacked calls are
    not known."""
    if isinstance(node, ast.AnnAssign):
        yield node.target, node.value, node.annotation
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if not isinstance(target, ast.Tuple):
                yield target, node.value, None
            elif isinstance(node.value, ast.Tuple) and len(node.value.elts) == len(target.elts):
                for one, value in zip(target.elts, node.value.elts, strict=True):
                    yield one, value, None
            else:
                for one in target.elts:
                    inner = one.value if isinstance(one, ast.Starred) else one
                    yield inner, node.value, None


def grown(node: ast.AST) -> Iterator[ast.expr]:
    """What this step makes larger."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in GROWING:
            yield value
        case ast.Call(func=func, args=[first, *_]) if last(func) in PUSHES:
            yield first
        case ast.Assign():
            for target, _, _ in assigned(node):
                if isinstance(target, ast.Subscript):
                    yield target.value
        case ast.AugAssign(target=target, op=ast.Add() | ast.BitOr()):
            yield target


def of_self(node: ast.AST) -> str:
    """The attribute in `self.attribute`, else ""."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr if node.value.id == "self" else ""
    return ""


def modules(root: Path = ROOT) -> Iterator[tuple[str, ast.Module]]:
    """Every module of what stays up: its name, without "appliance.", and its tree."""
    for top in ("appliance", "monitor_gui"):
        for path in sorted((root / top).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            if len(parts) > 1 and parts[1] in NOT_SERVED:
                continue
            name = ".".join(parts).removesuffix(".__init__").removeprefix("appliance.")
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def scan(root: Path = ROOT) -> dict[str, Found]:
    """All that may grow, by key."""
    found: dict[str, Found] = {}
    for name, tree in modules(root):
        for one in (*_of_module(name, tree), *_of_classes(name, tree), *_loose(name, tree)):
            found[one.key] = one
    return found


def _of_module(name: str, tree: ast.Module) -> Iterator[Found]:
    """A module's own containers; one that is written down and never changed is a constant."""
    changed = {
        one.id for node in ast.walk(tree) for one in grown(node) if isinstance(one, ast.Name)
    }
    for node in ast.walk(tree):
        changed.update(node.names if isinstance(node, ast.Global) else ())
    for step in tree.body:
        for target, value, _ in assigned(step):
            if not isinstance(target, ast.Name) or target.id == "__all__":
                continue
            if is_container(value) and (target.id in changed or not _is_written(value)):
                assert value is not None
                yield Found(f"{name}:{target.id}", step.lineno, [value], target.id in changed)


def _is_written(value: ast.expr | None) -> bool:
    """Whether it has its content at once, as a table in the source."""
    match value:
        case ast.List(elts=[]) | ast.Dict(keys=[]) | ast.Call(args=[], keywords=[]):
            return False
    return True


def _of_classes(name: str, tree: ast.Module) -> Iterator[Found]:
    labels = any(
        isinstance(node, ast.ImportFrom) and node.module == "prometheus_client"
        for node in ast.walk(tree)
    )
    steps = _Steps.of(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from _of_class(name, node, steps, labels)


def _of_class(name: str, kind: ast.ClassDef, steps: _Steps, labels: bool) -> Iterator[Found]:
    found: dict[str, Found] = {}
    texts: set[str] = set()
    objects = {"__dict__"}
    """Attributes that are objects of classes of their own, which are looked at there."""

    def see(attribute: str, line: int, made: ast.expr | None) -> None:
        one = found.setdefault(attribute, Found(f"{name}:{kind.name}.{attribute}", line))
        one.made += [made] if made is not None else []

    if any(last(base) in MAKERS for base in kind.bases):
        see("self", kind.lineno, None)
    for step in kind.body:
        for target, value, annotation in assigned(step):
            if not isinstance(target, ast.Name):
                continue
            if is_container(value, labels) or is_typed(annotation):
                see(target.id, step.lineno, value)
            elif is_text(value):
                texts.add(target.id)
    for node in ast.walk(kind):
        for target, value, annotation in assigned(node):
            attribute = of_self(target)
            if attribute and (is_container(value, labels) or is_typed(annotation)):
                see(attribute, target.lineno, value)
            elif attribute and is_text(value):
                texts.add(attribute)
            elif attribute and isinstance(value, ast.Call) and last(value.func)[:1].isupper():
                objects.add(attribute)
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="__dict__"), attr="setdefault"),
                args=[ast.Constant(value=str(attribute)), made],
            ):
                see(attribute, node.lineno, made)
    for node in ast.walk(kind):
        for attribute in _accumulated(node, texts):
            see(attribute, getattr(node, "lineno", kind.lineno), None)
        for larger in grown(node):
            if of_self(larger) and of_self(larger) not in objects and _is_handed_in(node):
                see(of_self(larger), larger.lineno, None)
    functions = {
        node: function.name
        for function in ast.walk(kind)
        if isinstance(function, FUNCTIONS)
        for node in ast.walk(function)
    }
    for attribute, one in found.items():
        _follow(one, attribute, functions, steps)
        yield one


def _is_handed_in(node: ast.AST) -> bool:
    """Whether this step lengthens what was made elsewhere; of `add`, `update` and `insert`, and of
    an `append` of more than one thing, it is not known what they belong to."""
    match node:
        case ast.Call(func=func, args=arguments):
            unknown = last(func) in ("add", "update", "insert") or len(arguments) > 2
            return not unknown and not (last(func) == "append" and len(arguments) != 1)
        case ast.AugAssign():
            return False
    return True


def _accumulated(node: ast.AST, texts: set[str]) -> Iterator[str]:
    """Texts, bytes and tuples of `self` that are lengthened by making them anew."""
    if isinstance(node, ast.AugAssign) and of_self(node.target) in texts:
        yield of_self(node.target)
    for target, value, _ in assigned(node):
        attribute = of_self(target)
        if attribute in texts and value is not None:
            inside = {of_self(one) for one in ast.walk(value)}
            joined = any(isinstance(one, ast.BinOp | ast.Starred) for one in ast.walk(value))
            if attribute in inside and joined:
                yield attribute


@dataclass(slots=True)
class _Steps:
    """What a module does with attributes, by their names: who enlarges, sets or lends them."""

    grown: dict[str, set[ast.AST]] = field(default_factory=dict)
    put: dict[str, set[ast.AST]] = field(default_factory=dict)
    lent: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, tree: ast.Module) -> _Steps:
        """Look at every step of a module once."""
        steps = cls()
        for node in ast.walk(tree):
            for one in grown(node):
                steps.grown.setdefault(_attribute(one), set()).add(node)
            for one, _, _ in assigned(node):
                steps.put.setdefault(_attribute(one), set()).add(node)
            steps.lent.update(map(_attribute, _lent(node)))
        return steps


def _follow(one: Found, attribute: str, functions: dict[ast.AST, str], steps: _Steps) -> None:
    """See where it changes: in its own class, by its name in its module, or where it is lent."""
    growing = steps.grown.get(attribute, set())
    one.grows, one.lent = bool(growing), attribute in steps.lent
    one.changed_in |= {"elsewhere" for node in growing if node not in functions}
    for node in growing | steps.put.get(attribute, set()):
        if functions.get(node, "__init__") not in ("__init__", "__post_init__"):
            one.changed_in.add(functions[node])


def _attribute(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ""


def _lent(node: ast.AST) -> Iterator[ast.expr]:
    """What this step hands on as it is; what is only looked at does not count."""
    match node:
        case ast.Call(func=func, args=arguments, keywords=keywords):
            if not (isinstance(func, ast.Name) and func.id in LOOKS):
                yield from arguments
                yield from (keyword.value for keyword in keywords)
        case ast.Return(value=ast.Attribute() as value):
            yield value
        case ast.Assign() | ast.AnnAssign():
            yield from (value for _, value, _ in assigned(node) if value is not None)


def _loose(name: str, tree: ast.Module) -> Iterator[Found]:
    """Caches without a bound, and tasks that are begun and not kept."""
    for function in ast.walk(tree):
        if not isinstance(function, FUNCTIONS):
            continue
        for decorator in function.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            if last(call.func if call else decorator) in ("cache", "lru_cache"):
                made: list[ast.expr] = [decorator]
                yield Found(f"{name}:{function.name}()", function.lineno, made, grows=True)
        for node in ast.walk(function):
            match node:
                case ast.Expr(value=ast.Call(func=func)) if last(func) in TASKS:
                    yield Found(f"{name}:{function.name}~task", node.lineno, [], grows=True)


def size_in(made: list[ast.expr]) -> ast.expr | None:
    """What `deque(maxlen=…)`, `Queue(maxsize)` or `lru_cache(maxsize=…)` says, if all that make it
    say so."""
    sizes = [size for one in made for size in _sizes(one)]
    return sizes[0] if sizes and len(sizes) >= len(made) else None


def _sizes(made: ast.expr) -> Iterator[ast.expr]:
    for call in ast.walk(made):
        if not isinstance(call, ast.Call) or last(call.func) not in (
            *("deque", "Queue", "LifoQueue", "PriorityQueue", "lru_cache"),
        ):
            continue
        for keyword in call.keywords:
            if keyword.arg in ("maxlen", "maxsize") and not _is_none(keyword.value):
                yield keyword.value
        if call.args and last(call.func).endswith("Queue"):
            yield call.args[0]


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value in (None, 0)


# --- files ---

WRITERS = {
    *("write_whole", "write_bytes", "write_text", "new_file", "append_whole", "copyfile"),
    *("copy", "copy2", "copytree", "move", "rename", "replace_file"),
    *("mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory", "TemporaryFile"),
}
MODES = {"w", "wb", "a", "ab", "x", "xb", "r+", "r+b", "rb+", "w+", "w+b", "wb+", "a+", "a+b"}
ROOMS_WITHOUT_FILES = {"lab", "sim", "bench"}


def writers(root: Path = ROOT) -> dict[str, int]:
    """Every function that makes or lengthens a file, by "room.module:function", with its line."""
    found: dict[str, int] = {}
    for top in ("appliance", "monitor_gui"):
        for path in sorted((root / top).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            if len(parts) > 1 and parts[1] in ROOMS_WITHOUT_FILES:
                continue
            name = ".".join(parts).removesuffix(".__init__").removeprefix("appliance.")
            for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(function, FUNCTIONS) and any(map(_writes, ast.walk(function))):
                    found[f"{name}:{function.name}"] = function.lineno
    return found


def _writes(node: ast.AST) -> bool:
    """Whether this step makes a file, or opens one to write to it."""
    if isinstance(node, ast.Attribute) and node.attr in ("write_bytes", "write_text"):
        return True  # Also where it is handed to a thread.
    if not isinstance(node, ast.Call):
        return False
    word, words = last(node.func), ast.unparse(node)
    if word in WRITERS:
        return word not in ("copy", "move", "rename") or words.startswith(("shutil.", "os."))
    if word == "connect":
        return words.startswith("sqlite3.")
    if word == "open" and words.startswith("os."):
        return "O_RDONLY" not in words and "devnull" not in words
    if word != "open":
        return False
    given = [*node.args, *(one.value for one in node.keywords if one.arg == "mode")]
    return any(isinstance(one, ast.Constant) and one.value in MODES for one in given)
