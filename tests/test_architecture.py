"""The architecture of README, enforced: arrows point down, no cycle, one owner for each library."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "search"

# From top to bottom. A part may import from those below it and, without a cycle, from itself.
LAYERS = [
    "cli",
    "evaluation",
    "index",
    "writing",
    "similar",
    "listing",
    "question",
    "wording",
    "view",
    "bridge",
    "present",
    "engine",
    "query",
    "reading",
    "claims",
    "stories",
    "text",
    "runs",
    "reports",
    "model",
    "errors",
]
ROOT = {"__init__": LAYERS, "__main__": ["cli"]}

# Library → the modules that may import it.
OWNERS = {
    "whoosh": ["search.bridge", "search.query.syntax"],
    "typer": ["search.cli"],
    "rich": ["search.cli.changing"],
    "numpy": ["search.engine", "search.runs", "search.stories"],  # word by word, fingerprinting doubles indexing
    "zstandard": ["search.engine", "search.reading.opening"],
    "Stemmer": ["search.text.analysis"],
    "charset_normalizer": ["search.reading.encoding"],
    "ir_measures": ["search.evaluation"],
    "yaml": ["search.evaluation"],
    "mmap": ["search.engine.storage"],
    "pickle": [],
    "marshal": [],
    "shelve": [],
}
# Modules that may import inside functions, and what: to start fast, or because few need it.
LAZY = {
    "search.engine.places": {"search.engine.speaking"},
    "search.engine.record": {"search.text.sentences"},
    "search.engine.snapshot": {"search.engine.edges"},
    "search.engine.writer": {"search.engine.crew"},
    "search.model": {"html"},
    "search.evaluation": {"ir_measures", "yaml"},
    "search.index": {
        "concurrent.futures",
        "search.bridge.reader",
        "search.engine.backup",
        "search.engine.cursors",
        "search.engine.repair",
        "search.engine.spelling",
        "search.engine.stats",
        "search.present.comparing",
        "search.present.numbers",
        "search.present.quotes",
        "search.present.stories",
        "search.present.variants",
        "search.similar",
        "search.writing",
    },
    "search.engine.matching": {"search.engine.calendar"},
    "search.present.hits": {"search.engine.calendar", "search.present.sayings", "search.present.stories"},
    "search.present.marks": {"search.engine.speaking"},
    "search.query": {"search.query.cleaning", "search.query.common", "search.query.syntax"},
    "search.listing": {"search.engine.cursors", "search.engine.feedback", "search.engine.orders"},
    "search.question": {
        "search.engine.facets",
        "search.present.helping",
        "search.present.missing",
        "search.present.timeline",
        "search.query.variants",
        "search.wording",
    },
    "search.reading.encoding": {"charset_normalizer"},
    "search.text.stream": {"search.text.sentences"},
    "search.view": {
        "search.engine.check",
        "search.engine.dating",
        "search.engine.folding",
        "search.engine.values",
        "search.reading.walking",
    },
    "search.writing": {"logging"},
}


def _name(path: Path) -> str:
    parts = ["search", *path.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def _imports(path: Path, *, inside_functions: bool | None = None) -> set[str]:
    """Return the full names of everything a module imports, for types only or not."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(node) for f in functions for node in ast.walk(f)}
    found = set()
    for node in ast.walk(tree):
        if inside_functions is not None and (id(node) in inside) is not inside_functions:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.add(full if full in MODULES else node.module or "")
    return found


GRAPH = {name: {i for i in _imports(path) if i in MODULES} for name, path in MODULES.items()}


def _layer(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def drawn() -> str:
    """Return the graph as text, a module a line."""
    return "\n".join(f"{name:32} -> {', '.join(sorted(used)) or '-'}" for name, used in GRAPH.items())


def test_every_module_has_its_place() -> None:
    assert {_layer(name) for name in MODULES} == {*LAYERS, *ROOT}


def test_arrows_point_down() -> None:
    for name, used in GRAPH.items():
        layer = _layer(name)
        below = ROOT[layer] if layer in ROOT else LAYERS[LAYERS.index(layer) :]
        for other in used:
            if other == "search":
                assert layer == "cli", f"{name} imports the package itself\n{drawn()}"
            else:
                assert _layer(other) in below, f"{name} imports {other}, upwards\n{drawn()}"


def test_no_cycle() -> None:
    left = {name: used - {name} for name, used in GRAPH.items() if name != "search"}
    left = {name: {u for u in used if u != "search"} for name, used in left.items()}
    while left:
        # A package's __init__ is the face of its own modules, imported with each of them.
        free = {name for name, used in left.items() if not used & set(left)}
        assert free, f"import cycle among {sorted(left)}\n{drawn()}"
        left = {name: used for name, used in left.items() if name not in free}


def test_a_library_has_one_owner() -> None:
    for name, path in MODULES.items():
        for imported in _imports(path):
            owners = OWNERS.get(imported.split(".")[0])
            allowed = owners is None or any(name == o or name.startswith(f"{o}.") for o in owners)
            assert allowed, f"{name} imports {imported}"


def test_imports_inside_functions_are_the_exception() -> None:
    late = {name: _imports(path, inside_functions=True) for name, path in MODULES.items() if _layer(name) != "cli"}
    assert {name: imported for name, imported in late.items() if imported} == LAZY


# What modules other than the storage do with files, pipes and processes, and what for. Nothing else is reached for.
REACHES = {
    "search.cli": {"os.close", "os.dup2", "os.fdopen", "os.open"},  # closed standard streams
    "search.cli.changing": {"os.stat"},  # sizes of what is read, for the progress bar
    "search.cli.options": {"write_text"},  # a page or picture that a command names
    "search.engine.crew": {"subprocess"},
    "search.engine.sections": {"touch"},  # of a block, not of a file
    "search.engine.worker": {"os.dup", "os.dup2", "os.fdopen"},  # its own standard streams
    "search.evaluation": {"open"},  # queries and judgments, and the run that a command names
    "search.reading.opening": {"open"},
    "search.reading.walking": {"os.listdir", "os.stat"},
}
_OF_FILES = frozenset(
    """
    chmod exists fromfile fsync ftruncate glob hardlink_to is_dir is_file is_symlink iterdir lstat memmap mkdir open
    read_bytes read_text readlink rename rglob rmdir samefile stat symlink_to tofile touch truncate unlink write_bytes
    write_text
    """.split()
)
_HARMLESS = frozenset(
    "PathLike _exit cpu_count devnull environ fsdecode fsencode fspath getcwd getpid name path sep".split()
)
_REACHING = {"io", "mmap", "fcntl", "shutil", "tempfile", "glob", "subprocess", "socket", "urllib", "http"}


def _reaches(tree: ast.AST) -> set[str]:
    """Return the calls by which a module reaches for files: of `os`, of `Path`, and `open` by whatever name."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(ast.Name("os"), name):
                found |= set() if name in _HARMLESS or name.isupper() else {f"os.{name}"}
            case ast.Attribute(ast.Name("search"), "open") | ast.Attribute(ast.Name("shutil"), "get_terminal_size"):
                pass
            case ast.Attribute(ast.Name("shutil" | "io" as module), name):
                found.add(f"{module}.{name}")
            case ast.Attribute(_, name) if name in _OF_FILES:
                found.add(name)
            case ast.Call(ast.Attribute(_, "replace"), [_], []):  # of a text it takes two
                found.add("replace")
            case ast.Name("open"):
                found.add("open")
            case ast.Import(names):
                found |= {alias.name for alias in names if alias.name in _REACHING - {"shutil"}}
                found |= {
                    f"{each.name} as {each.asname}" for each in names if each.asname and each.name in ("os", "shutil")
                }
            case ast.ImportFrom(module, names) if module in _REACHING | {"os"}:
                found |= {f"{module}.{alias.name}" for alias in names}
    return found


def test_only_storage_touches_the_files_of_an_index() -> None:
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
    found = {name: _reaches(tree) for name, tree in trees.items() if name != "search.engine.storage"}
    assert {name: calls for name, calls in found.items() if calls} == REACHES


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ('(folder.path / "commit.json").open("wb")', "open"),
        ('(folder.path / "x").replace(folder.path / "y")', "replace"),
        ('(folder.path / "x").touch()', "touch"),
        ('write = (folder.path / "x").write_bytes', "write_bytes"),
        ("import os\nos.rename(a, b)", "os.rename"),
        ("import os as system", "os as system"),
        ("from os import rename", "os.rename"),
        ("import shutil\nshutil.copy(a, b)", "shutil.copy"),
        ("call = open", "open"),
        ("import subprocess", "subprocess"),
    ],
)
def test_whoever_reaches_for_files_is_seen(code: str, call: str) -> None:
    assert _reaches(ast.parse(code)) == {call}
    assert _reaches(ast.parse('text.replace("a", "b") + os.fspath(path) + search.open(place)')) == set()


def test_only_the_system_is_asked_by_storage() -> None:
    tree = ast.parse(MODULES["search.engine.storage"].read_text(encoding="utf-8"))
    [system] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "System"]
    inside = {id(node) for node in ast.walk(system)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and id(node) not in inside:
            assert node.value.id not in ("mmap", "fcntl") or node.attr == "mmap", ast.unparse(node)
            assert node.value.id != "os" or node.attr in ("PathLike", "name", "fsencode"), ast.unparse(node)


def test_nothing_read_is_run_and_nothing_is_written_outside_the_index() -> None:
    run = {"eval", "exec", "compile", "__import__", "execfile"}
    modules = {"pickle", "marshal", "shelve", "dill", "joblib", "tempfile", "ctypes", "runpy", "imp"}
    for name, path in MODULES.items():
        assert not _imports(path) & modules, name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in run, f"{name} calls {node.func.id}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert ast.unparse(node.func) not in ("importlib.import_module", "np.load", "np.save"), name
                assert not any(word.arg == "allow_pickle" for word in node.keywords), name


def test_no_clock_decides_what_is_written() -> None:
    for name, path in MODULES.items():
        if name.startswith("search.engine."):
            assert not _imports(path) & {"time", "datetime"}, f"{name} looks at a clock, which may jump"


def test_no_pattern_needs_a_group_that_gives_nothing_back() -> None:
    """Before Python 3.11.5, what stands behind one may be matched in the wrong place (CPython issue 106052)."""
    for name, path in MODULES.items():
        found = re.findall(r"^.*\)(?:[*+?]|\{[\d,{}]+\})\+.*$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert not found, f"{name}: {found}"


def test_the_package_says_that_it_is_typed() -> None:
    spec = importlib.util.find_spec("search")
    assert spec is not None
    assert (PACKAGE / "py.typed").exists()
