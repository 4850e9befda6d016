"""A savepoint that is rolled back takes its rows with it, and nothing else.

What waits for the seal, for the commit or to be remembered would stay behind and be wrong: only
``kit.db.tried`` takes it along. So no plain ``begin_nested`` may publish, however deep inside.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.test_architecture import ROOT, SOURCES, parsed

LEAVES_BEHIND = {
    ("app.kit.chain", "append"),
    ("app.kit.db", "after_commit"),
    ("app.kit.db", "remember_stored"),
}
TRIED = "app/kit/db.py"

Function = tuple[str, str]
"""Module and name."""


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def meanings(tree: ast.Module, module: str) -> dict[str, Function]:
    """What each name of a module stands for: a function of its own or an imported one.

    An imported module stands there with an empty name, for its attributes.
    """
    found: dict[str, Function] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                is_module = whole in MODULES
                found[alias.asname or alias.name] = (
                    (whole, "") if is_module else (node.module, alias.name)
                )
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = (module, node.name)
    return found


def called(node: ast.AST, known: dict[str, Function]) -> set[Function]:
    """The functions that are called inside or handed on, as to ``map``."""
    found = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id in known:
            found.add(known[inner.id])
        elif isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            module, name = known.get(inner.value.id, ("", "-"))
            if not name:
                found.add((module, inner.attr))
    return found


TREES = {module_of(path): parsed(path) for path in SOURCES}
MODULES = TREES.keys()
KNOWN = {module: meanings(tree, module) for module, tree in TREES.items()}


@cache
def leaving_behind() -> set[Function]:
    """Every function that reaches one of ``LEAVES_BEHIND``, whatever lies between."""
    calls = {
        (module, node.name): called(node, KNOWN[module])
        for module, tree in TREES.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    found = set(LEAVES_BEHIND)
    while new := {name for name, inside in calls.items() if inside & found} - found:
        found |= new
    return found


def savepoints(tree: ast.AST) -> Iterator[ast.With]:
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and any(
            "begin_nested" in ast.unparse(each.context_expr) for each in node.items
        ):
            yield node


def published_inside(tree: ast.AST, known: dict[str, Function]) -> list[str]:
    behind = leaving_behind()
    return [
        f"{node.lineno}: {module}.{name}"
        for node in savepoints(tree)
        for statement in node.body
        for module, name in sorted(called(statement, known) & behind)
    ]


def test_nothing_is_published_inside_a_plain_savepoint() -> None:
    assert ("app.kit.events", "publish") in leaving_behind()
    wrong = {
        module: found
        for module, tree in TREES.items()
        if (found := published_inside(tree, KNOWN[module]))
    }
    assert wrong == {}


def test_a_savepoint_is_a_block_so_that_it_can_be_looked_into() -> None:
    for path in SOURCES:
        tree = parsed(path)
        blocks = sum(1 for _ in savepoints(tree))
        mentions = sum(
            isinstance(node, ast.Attribute) and node.attr == "begin_nested"
            for node in ast.walk(tree)
        )
        expected = 1 if path.relative_to(ROOT).as_posix() == TRIED else 0
        assert mentions - blocks == expected, path


def test_what_publishes_further_away_is_seen() -> None:
    bad = """
from app.places.service import add_places
from app.items import service
def here(session, actor):
    with session.begin_nested():
        add_places(session, actor, [])
        service.edit(session, actor, [])
        session.flush()
"""
    tree = ast.parse(bad)
    known = meanings(tree, "app.here")
    assert published_inside(tree, known) == [
        "5: app.places.service.add_places",
        "5: app.items.service.edit",
    ]
