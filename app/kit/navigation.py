"""The destinations of the program, and the menus that a reader sees of them.

Two dozen links stand on every page and are the same for everybody with the same permissions, so
they are made once for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from app.kit import i18n

Placement: TypeAlias = Literal["main", "person", "anonymous", "footer"]


@dataclass(frozen=True)
class NavItem:
    """A destination. `label` is a message id; `icon` names a symbol of ``static/icons.svg``.

    `permission` is what the actor must have; ``main`` and ``person`` need somebody signed in.
    The first five ``main`` items with `in_bar` stand in the phone's bottom bar. `is_post` is for
    signing out, which changes something and so is a form. `is_of_all` asks for the permission in
    the whole organisation.
    """

    label: str
    route: str
    icon: str
    permission: str | None = None
    placement: Placement = "main"
    in_bar: bool = True
    is_post: bool = False
    is_of_all: bool = False


@dataclass(frozen=True)
class NavLink:
    """A `NavItem` as one reader sees it on one page."""

    label: str
    href: str
    icon: str
    is_current: bool
    in_bar: bool
    is_post: bool


@dataclass(frozen=True, eq=False)
class Menus:
    """The links around a page. Kept, and so the same object for the same reader and place."""

    main: tuple[NavLink, ...]
    person: tuple[NavLink, ...]
    footer: tuple[NavLink, ...]


class Navigation:
    """All destinations with their addresses; `menus` are kept for each kind of reader."""

    def __init__(self, items: Sequence[NavItem], paths: Mapping[str, str]) -> None:
        self._items = tuple((item, paths[item.route]) for item in items)
        self._of_all = frozenset(each.permission for each in items if each.is_of_all)
        self._hrefs = frozenset(href for _, href in self._items)
        # As many as there are sets of roles, destinations and languages.
        self._kept: dict[tuple[object, ...], Menus] = {}

    def menus(self, actor: Any, here: str) -> Menus:
        """What the actor, or nobody, sees at the path; in the language of the answer."""
        who = None
        if actor is not None:
            of_all = frozenset(each for each in self._of_all if actor.may_everywhere(each))
            who = (frozenset(actor.permissions), of_all)
        current = tuple(href for href in _above(here) if href in self._hrefs)
        key = (who, current, i18n.locale())
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = Menus(
                self._links(actor, "main", current),
                self._links(actor, "person" if actor is not None else "anonymous", current),
                self._links(actor, "footer", current),
            )
        return found

    def _links(
        self, actor: Any, placement: Placement, current: Sequence[str]
    ) -> tuple[NavLink, ...]:
        return tuple(
            NavLink(
                i18n.gettext(item.label),
                href,
                item.icon,
                href in current,
                item.in_bar,
                item.is_post,
            )
            for item, href in self._items
            if item.placement == placement and _may_see(actor, item)
        )


def _above(path: str) -> Iterator[str]:
    """The path and those that it lies below, ``/`` not among them."""
    yield path
    end = path.rfind("/")
    while end > 0:
        path = path[:end]
        yield path
        end = path.rfind("/")


def _may_see(actor: Any, item: NavItem) -> bool:
    if item.placement in {"main", "person"} and actor is None:
        return False
    if item.permission is None:
        return True
    if actor is None:
        return False
    may = actor.may_everywhere if item.is_of_all else actor.may
    return bool(may(item.permission))
