"""The rules of the architecture, executed: a rule that no test runs is not a rule."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"

# From left to right: a module imports only from its left. The four in one set not from each other.
ORDER: list[set[str]] = [
    {"kit"},
    {"accounts"},
    {"networks"},
    {"places"},
    {"catalogue"},
    {"impact"},
    {"items"},
    {"declarations"},
    {"projects"},
    {"fieldwork"},
    {"marketplace"},
    {"handovers"},
    {"disposals"},
    {"needs"},
    {"workshop"},
    {"inbox"},
    {"ledger"},
    {"planning"},
    {"costs"},
    {"floorplans"},
    {"reports", "labelling", "transfer", "notices"},
    {"goals"},
    {"yearly"},
    {"subscribing", "panels"},
    {"wiring", "menus"},
    {"schema", "settings"},
    {"main"},
    {"demo"},
    {"commands"},
    {"cli"},
    {"__main__"},
]
PLACE = {name: index for index, names in enumerate(ORDER) for name in names}
CAPABILITIES = {
    name for name, index in PLACE.items() if PLACE["accounts"] <= index <= PLACE["yearly"]
}
# What one capability may import of another.
SPLIT = ("events_", "models_", "queries_", "rules_", "service_", "words_")
OPEN_FILES = {"models", "events", "rules", "queries", "search", "service", "actor", "attempts"}
# ``commands`` is what a split service's verbs take, ``names`` the words people read for states.
OPEN_FILES |= {"numbers", "commands", "names"}
# How a form registers a piece: survey mode's form is the registration's own.
OPEN_FILES |= {"choices", "measured", "registering", "uploads"}
# What a piece is found by: the market's rows hold the same words.
OPEN_FILES |= {"found_by", "words"}
# What the inventory is narrowed by: pieces are put on a project by the same filter.
OPEN_FILES |= {"filters"}
# What is known of received pieces: who pays for them is booked from the same facts as the savings.
OPEN_FILES |= {"received"}
# What a report says: a year's report is made of the same parts.
OPEN_FILES |= {"figures"}
# What a product model's JSON says of the declaration behind it: who knows it stands further right.
OPEN_FILES |= {"declared"}

SOURCES = sorted(path for path in APP.rglob("*.py") if "__pycache__" not in path.parts)
OURS = sorted(
    path
    for folder in ("app", "labels", "migrations", "tests", "tools", "bench")
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)
TEXTS = OURS + sorted(
    path
    for folder in ("templates", "static")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".html", ".txt", ".js", ".css"} and "vendor" not in path.parts
)


def name_of(path: Path) -> tuple[str, str]:
    """``app/items/service.py`` → ``("items", "service")``; ``app/main.py`` → ``("main", "main")``."""
    parts = path.relative_to(APP).with_suffix("").parts
    return parts[0], parts[-1]


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_its_left(path: Path) -> None:
    own, _ = name_of(path)
    wrong = []
    for line, name in imports(parsed(path)):
        parts = name.split(".")
        if parts[0] == "labels" and own not in {"labelling", "commands"}:
            wrong.append(f"{line}: {name}")
        if parts[0] != "app" or len(parts) < 2 or parts[1] == own:
            continue
        other = parts[1]
        if other == "settings" and own in {"main", "cli", "commands", "demo"}:
            continue
        is_right = PLACE[other] >= PLACE[own]
        is_closed = (
            own in CAPABILITIES
            and other in CAPABILITIES
            and len(parts) > 2
            and parts[2] not in OPEN_FILES
            and not parts[2].startswith(SPLIT)
        )
        if is_right or is_closed:
            wrong.append(f"{line}: {name}")
    assert wrong == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    found = [
        f"{inner.lineno}"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in TEXTS
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
        and path.name != "theme.css"  # generated from design/theme
    }
    assert long == {}


def calls(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def test_nothing_outside_the_kit_commits_or_asks_for_the_time() -> None:
    banned = re.compile(
        r"(session|connection)\.(commit|rollback)$|(^|\.)(datetime|dt\.datetime)\.(now|utcnow|today)$"
        r"|(^|\.)date\.today$|^time\.time$|sessionmaker"
    )
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in SOURCES
        if name_of(path)[0] != "kit"
        for line, name in calls(path)
        if banned.search(name)
    ]
    assert wrong == []


def test_ids_that_are_kept_are_drawn_where_the_demo_can_give_the_source() -> None:
    """Or two plays of the demo differ. Keys of forms are not kept with the data."""
    keepers = re.compile(r"^(models|events|service|subscribers|tenancy|bulk)")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if keepers.match(path.stem) and "uuid4" in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_sql_of_one_database_stands_only_where_it_may() -> None:
    pattern = re.compile(
        r"dialect\.name|sqlalchemy\.dialects|pysqlite3|is_sqlite\(|PRAGMA |[Tt][Oo]_[Tt][Ss][Vv]ector|[Ff][Tt][Ss]5"
    )
    may = {
        APP / "kit" / "db.py",
        APP / "kit" / "columns.py",
        APP / "kit" / "bulk.py",
        APP / "kit" / "hints.py",
        APP / "kit" / "spelling.py",
        APP / "kit" / "chain_child.py",
        APP / "items" / "search.py",
    }
    wrong = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path not in may and pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "helpers", "common", "base", "manager", "handler", "data", "info", "process"}
    assert [str(path.relative_to(ROOT)) for path in SOURCES if path.stem in empty] == []


def verbs() -> Iterator[tuple[Path, ast.FunctionDef]]:
    """Public functions of services that take ``(session, actor, commands)``: the writing verbs."""
    for path in SOURCES:
        own, name = name_of(path)
        if own in CAPABILITIES and name.startswith("service"):
            for node in parsed(path).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    arguments = [each.arg for each in node.args.args]
                    commands = arguments[2:3] in (["commands"], ["command"])
                    if arguments[:2] == ["session", "actor"] and commands:
                        yield path, node


def test_the_first_line_of_every_verb_says_who_may() -> None:
    wrong = []
    for path, node in verbs():
        body = [each for each in node.body if not _is_docstring(each)]
        first = ast.unparse(body[0]) if body else ""
        # What is one's own, each may who is a person.
        if (
            ".must(" not in first
            and ".must_everywhere(" not in first
            and "actor.person_id is None" not in first
        ):
            wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {first[:60]}")
    assert wrong == []


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_no_service_signature_says_any() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path, node in verbs()
        if any(
            each.annotation is not None and re.search(r"\bAny\b", ast.unparse(each.annotation))
            for each in [*node.args.args, *node.args.kwonlyargs]
        )
    ]
    assert wrong == []


def test_services_and_queries_open_no_unit_of_work() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in SOURCES
        if re.match(r"service|queries|rules|search", name_of(path)[1])
        for line, name in calls(path)
        if re.search(r"\b(db|database)\.(read|write)$", name)
    ]
    assert wrong == []


def once_calls(tree: ast.AST) -> Iterator[tuple[ast.Call, ast.stmt]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            for inner in ast.iter_child_nodes(node):
                if isinstance(inner, ast.Call) and getattr(inner.func, "id", "") == "once":
                    yield inner, node


def used_in_parts(path: Path) -> list[str]:
    """Answers of ``once`` without ``read`` that are more than handed on as they are."""
    wrong = []
    for function in ast.walk(parsed(path)):
        if not isinstance(function, ast.FunctionDef):
            continue
        kept = set()
        for call, statement in once_calls(function):
            has_read = len(call.args) > 5 or any(each.arg == "read" for each in call.keywords)
            if isinstance(statement, ast.Assign | ast.AnnAssign) and not has_read:
                targets = (
                    statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                )
                kept |= {each.id for each in targets if isinstance(each, ast.Name)}
                wrong += [f"{call.lineno}" for each in targets if not isinstance(each, ast.Name)]
        handed_on = {
            id(argument)
            for node in ast.walk(function)
            if isinstance(node, ast.Call)
            and getattr(node.func, "id", "") in {"JSONResponse", "Answer"}
            for argument in node.args
        }
        wrong += [
            f"{node.lineno}: {node.id}"
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            if node.id in kept and id(node) not in handed_on
        ]
    return wrong


DOORS = [path for path in SOURCES if path.stem.startswith(("api", "pages", "upload"))]


@pytest.mark.parametrize("path", DOORS, ids=lambda path: str(path.relative_to(ROOT)))
def test_parts_of_a_kept_answer_are_taken_out_by_once_alone(path: Path) -> None:
    """It may be an older version's: ``read`` turns what it lacks into a problem with words."""
    assert used_in_parts(path) == []
