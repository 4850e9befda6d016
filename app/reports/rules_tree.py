"""Which row of a report a unit or place is shown in: one level of the tree at a time. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Node:
    parent_id: UUID | None
    name: str


Tree = Mapping[UUID, Node]


def start_of(tree: Tree, chosen: UUID | None) -> UUID | None:
    """Where the reading begins: what was chosen, else the one that all stand below, if it is one."""
    if chosen is not None:
        return chosen
    tops = [each for each, node in tree.items() if node.parent_id not in tree]
    return tops[0] if len(tops) == 1 else None


def shown_under(tree: Tree, start: UUID | None) -> dict[UUID, UUID]:
    """Each node → the one right below ``start`` that it stands under; ``start`` is its own row."""
    shown: dict[UUID, UUID] = {}
    for each in tree:
        path = [each]
        above = tree[each].parent_id
        while above is not None and above in tree and above != start and above not in path:
            path.append(above)
            above = tree[above].parent_id
        shown[each] = path[-1] if each != start else each
    return shown


def way_to(tree: Tree, node_id: UUID) -> list[tuple[UUID, str]]:
    """The node and all above it, the topmost first."""
    way: list[tuple[UUID, str]] = []
    at: Any = node_id
    while at in tree and len(way) <= len(tree):
        way.append((at, tree[at].name))
        at = tree[at].parent_id
    return way[::-1]
