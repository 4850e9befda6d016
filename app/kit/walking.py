"""Joins whose order we know better than the database does.

Without statistics SQLite begins with the big table, because an index says something of it, and sorts
all of it. Begun with the small one in its order, the first page is the first few rows. SQL that only
SQLite understands stands here too: ``CROSS JOIN`` is how it is told.
"""

from typing import Any

from sqlalchemy import Join
from sqlalchemy.ext.compiler import compiles


class InOrder(Join):
    """The left side row by row, and for each its rows of the right side."""

    inherit_cache = True
    __visit_name__ = "join"


@compiles(InOrder, "sqlite")
def _cross(element: InOrder, compiler: Any, **kw: Any) -> str:
    left = compiler.process(element.left, **{**kw, "asfrom": True})
    right = compiler.process(element.right, **{**kw, "asfrom": True})
    on = compiler.process(element.onclause, **kw)
    return f"{left} CROSS JOIN {right} ON {on}"


@compiles(InOrder)
def _join(element: InOrder, compiler: Any, **kw: Any) -> str:
    return str(compiler.visit_join(element, **kw))
