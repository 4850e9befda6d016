"""Parts of pages that are drawn once and kept by all that they are drawn from.

What a part depends on, the language among it, is the key that it is kept by. So nothing has to be
told when something changes: the next reader has another key.
"""

import threading
from collections.abc import Hashable
from typing import Any, Generic, TypeVar, cast

from fastapi import Request
from markupsafe import Markup

from app.kit.folding import FoldingEnvironment

Part = TypeVar("Part")


TURNS = 16


class Store(Generic[Part]):
    """``most`` parts by their keys; when it is full it begins anew."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: dict[Hashable, Part] = {}
        self._turns = [threading.Lock() for _ in range(TURNS)]

    def turn(self, key: Hashable) -> threading.Lock:
        """What is held while the part of a key is made: the next who asks finds it made."""
        return self._turns[hash(key) % TURNS]

    def get(self, key: Hashable) -> Part | None:
        return self._parts.get(key)

    def keep(self, key: Hashable, part: Part) -> Part:
        if len(self._parts) >= self._most:
            self._parts.clear()
        self._parts[key] = part
        return part


def store(request: Request, name: str, most: int) -> Store[Any]:
    """The program's own store of this name; templates that were read anew begin with none."""
    stores = _environment(request).stores
    found: Store[Any] | None = stores.get(name)
    if found is None:
        found = stores.setdefault(name, Store[Any](most))
    return found


def draw(request: Request, template: str, facts: dict[str, Any]) -> Markup:
    """A template that is no page: it shows what stands in ``facts``, and nothing around it."""
    drawn = _environment(request).get_template(template).render(facts)
    return Markup(drawn)  # noqa: S704  (escaped)


def _environment(request: Request) -> FoldingEnvironment:
    return cast("FoldingEnvironment", request.app.state.templates)
