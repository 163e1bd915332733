"""Everything that may grow has a bound, and the table of bounds is complete.

`bounds/scan.py` finds by the syntax tree whatever may grow: containers of every class and module,
caches, tasks, writers of files. `bounds/rooms.py`, `served.py` and `files.py` name a bound for
each, and `test_bounds_live.py` drives objects above theirs.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.unit.bounds import files, rooms, served, usage
from tests.unit.bounds.kinds import Bound, named
from tests.unit.bounds.scan import ROOT, Found, scan, size_in, writers

TABLES: tuple[dict[str, Bound], ...] = (
    rooms.ADAPTERS,
    rooms.CLIENT,
    rooms.CODEC,
    rooms.LEDGER,
    rooms.LICENCES,
    usage.USAGE,
)
TABLES += (served.SERVICES, served.FEED, served.MODEL, served.WINDOW)
BOUNDS: dict[str, Bound] = {key: bound for table in TABLES for key, bound in table.items()}
FILES: dict[str, Bound] = files.SERVED | files.COMMANDS
FOUND = scan()
NO_BOUND = "has no bound in tests/unit/bounds: say what keeps it from growing, or mend it"


def wrong(found: dict[str, Found], bounds: dict[str, Bound]) -> list[str]:
    """What the table lacks or has too much, and where the source says otherwise, in words."""
    said = [f"{key} (line {found[key].line}) {NO_BOUND}" for key in found if key not in bounds]
    said += [f"{key} is gone: take it out of the table" for key in bounds if key not in found]
    for key in found.keys() & bounds.keys():
        why = unlike(found[key], bounds[key])
        said += [f"{key} {why}"] if why else []
    return sorted(said)


def unlike(found: Found, bound: Bound) -> str:
    """How the source differs from what the table says of this one; "" if it does not."""
    changed = found.changed_in
    match bound.kind:
        case "fixed" if found.grows or changed or found.lent:
            return f"is no longer as it was made: {sorted(changed) or 'it is handed on'}"
        case "once" if changed - set(bound.names):
            return f"is changed by {sorted(changed - set(bound.names))}, too"
        case "sized":
            size = size_in(found.made)
            limit = bound.names[0].rpartition(".")[2]
            if size is None:
                return "is made without a size"
            word = ast.unparse(size)
            if limit not in word and word not in parameters(bound.names[0]):
                return f"is made with the size {word}, not {limit}"
    return ""


def parameters(limit: str) -> set[str]:
    """Parameters of the limit's module that have it as their default."""
    path, _, name = limit.rpartition(".")
    file = ROOT / "appliance" / f"{path.replace('.', '/')}.py"
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.Module([], [])
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            given = node.args.args[len(node.args.args) - len(node.args.defaults) :]
            for argument, default in zip(given, node.args.defaults, strict=True):
                if isinstance(default, ast.Name) and default.id == name:
                    found.add(argument.arg)
    return found


def test_everything_that_may_grow_has_a_bound():
    assert wrong(FOUND, BOUNDS) == []


def test_every_writer_of_files_has_a_bound():
    found = {key: Found(key, line) for key, line in writers().items()}
    assert wrong(found, FILES) == []


@pytest.mark.parametrize("key", sorted(BOUNDS | FILES))
def test_what_a_bound_names_is_there(key: str):
    bound = (BOUNDS | FILES)[key]
    if bound.kind in ("most", "own", "sized", "within"):
        assert bound.names, "a bound names the limit that makes it one"
        for name in bound.names:
            assert named(name) is not None
    if bound.kind == "along" and bound.by is None:
        sibling = f"{key.rpartition('.')[0]}.{bound.names[0]}"
        assert sibling in BOUNDS, f"{sibling} is what {key} goes along with"
    if bound.kind == "within":
        assert bound.why
    if bound.shown_by:
        path, _, test = bound.shown_by.partition("::")
        source = (ROOT / path).read_text(encoding="utf-8")
        assert f"def {test}(" in source, f"{bound.shown_by} is what shows {key}"


def test_the_tables_name_nothing_twice():
    assert sum(map(len, TABLES)) == len(BOUNDS)
    assert len(files.SERVED) + len(files.COMMANDS) == len(FILES)


# --- the walk can fail ---

PURE = "appliance/ledger/made_up.py"
SERVICE = "appliance/services/tmr/made_up.py"
SELF = "class A:\n    def __init__(self):\n        {}\n"


def planted(tmp_path: Path, source: str, where: str = PURE) -> dict[str, Found]:
    """What the walk finds in a project that has this one module."""
    path = tmp_path / where
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    return scan(tmp_path)


@pytest.mark.parametrize("where", [PURE, SERVICE, "monitor_gui/model/made_up.py"])
@pytest.mark.parametrize(
    ("source", "name"),
    [
        (SELF.format("self.seen = {}"), "A.seen"),
        (SELF.format("self.seen, self.other = [], 0"), "A.seen"),
        (SELF.format("self.seen: dict[str, int] = made()"), "A.seen"),
        (SELF.format("self.seen = asyncio.Queue()"), "A.seen"),
        (SELF.format("self.seen = seen or defaultdict(list)"), "A.seen"),
        (SELF.format("self.seen = {n: 0 for n in names}"), "A.seen"),
        (SELF.format("self.seen = b''\n        self.seen += more"), "A.seen"),
        (SELF.format("self.seen = ()\n        self.seen = (*self.seen, 1)"), "A.seen"),
        (SELF.format("self.seen = made()\n        self.seen['a'] = 1"), "A.seen"),
        (SELF.format("self.seen = heap\n        heapq.heappush(self.seen, 1)"), "A.seen"),
        ("class A:\n    seen: set[str] = field(default_factory=set)\n", "A.seen"),
        ("class A:\n    seen: dict[str, int]\n", "A.seen"),
        ("class A(dict):\n    pass\n", "A.self"),
        ("_seen = {}\n", "_seen"),
        ("_seen = {'a': 1}\ndef f(name):\n    _seen[name] = 1\n", "_seen"),
        ("@functools.cache\ndef f(name):\n    return name\n", "f()"),
        ("@lru_cache(maxsize=None)\ndef f(name):\n    return name\n", "f()"),
        ("def f():\n    asyncio.create_task(g())\n", "f~task"),
        (
            "from prometheus_client import Counter\n"
            + SELF.format("self.seen = Counter('a', 'b', ('client',))"),
            "A.seen",
        ),
    ],
)
def test_what_is_planted_is_found(tmp_path: Path, where: str, source: str, name: str):
    module = where.removeprefix("appliance/").removesuffix(".py").replace("/", ".")
    found = planted(tmp_path, source, where)
    assert list(found) == [f"{module}:{name}"]
    assert [line for line in wrong(found, {}) if NO_BOUND in line]


def test_a_constant_is_no_container(tmp_path: Path):
    source = "NAMES = {'a': 1}\nLIST = ['a']\n"
    source += "from prometheus_client import Counter\n" + SELF.format("self.n = Counter('a', 'b')")
    assert planted(tmp_path, source) == {}


@pytest.mark.parametrize(
    ("source", "bound", "said"),
    [
        (
            "self.a = deque()",
            Bound("sized", ("ledger.leader.batches.SETTLED_MAX",)),
            "without a size",
        ),
        ("self.a = deque(maxlen=None)", Bound("sized", ("a.SETTLED_MAX",)), "without a size"),
        ("self.a = deque(maxlen=9)", Bound("sized", ("a.SETTLED_MAX",)), "size 9, not SETTLED"),
        ("self.a = {}\n    def f(self):\n        self.a['b'] = 1", Bound("fixed"), "no longer"),
        ("self.a = {}\n    def f(self):\n        g(self.a)", Bound("fixed"), "handed on"),
        ("self.a = {}\n    def f(self):\n        return self.a", Bound("fixed"), "handed on"),
        ("self.a = []\n    def f(self):\n        self.a += [1]", Bound("once", ("g",)), "['f']"),
        (
            "self.a = []\n    def f(self):\n        self.a, b = [], 1",
            Bound("once", ("g",)),
            "['f']",
        ),
    ],
)
def test_the_source_has_to_be_as_the_table_says(
    tmp_path: Path, source: str, bound: Bound, said: str
):
    (line,) = wrong(planted(tmp_path, SELF.format(source)), {"ledger.made_up:A.a": bound})
    assert said in line


def test_what_is_gone_has_to_leave_the_table():
    (line,) = wrong({}, {"ledger.made_up:A.a": Bound("fixed")})
    assert "is gone" in line
    with pytest.raises((AttributeError, ImportError)):
        named("ledger.leader.batches.NO_SUCH_MAX")
    with pytest.raises((AttributeError, ImportError)):
        named("ledger.no_such_module.MAX")


@pytest.mark.parametrize(
    "step",
    [
        "path.write_bytes(data)",
        "write_whole(path, data)",
        "path.open('ab')",
        "open(path, mode='w')",
        "os.open(path, flags)",
        "tempfile.mkstemp()",
        "shutil.copy(one, other)",
        "sqlite3.connect(path)",
    ],
)
def test_a_planted_writer_is_found(tmp_path: Path, step: str):
    path = tmp_path / SERVICE
    path.parent.mkdir(parents=True)
    path.write_text(f"def keep(path, data):\n    {step}\n", encoding="utf-8")
    assert list(writers(tmp_path)) == ["services.tmr.made_up:keep"]
