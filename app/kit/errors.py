"""Errors as problems (RFC 9457): raised anywhere, answered by one handler in ``kit/web.py``.

A class is named by the fact it states, and its name is its address: ``ItemTaken`` is described at
``/problems/item-taken``. Keyword arguments become members of the answer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import ClassVar

from app.kit.i18n import N_

Place = tuple[int | str, ...]
"""The way from a request's body to a field: indexes of lists and names."""

Member = str | int | bool | None | list[str] | list[dict[str, str]] | dict[str, str]


class Problem(Exception):  # noqa: N818  (its subclasses are named by the fact, not with "Error")
    """Something the caller can understand and mend; never a fault of ours.

    ``detail`` is a bokmål message, translated at the door with ``values`` put in by ``%(name)s``.
    """

    status: ClassVar[int] = 400
    title: ClassVar[str] = N_("Forespørselen kan ikke utføres.")

    def __init__(
        self,
        detail: str = "",
        *,
        values: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Member,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.values = dict(values or {})
        self.headers = dict(headers or {})
        self.members = members

    @classmethod
    def slug(cls) -> str:
        """``ItemTaken`` → ``item-taken``."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", cls.__name__).lower()


class Forbidden(Problem):
    status = 403
    title = N_("Du har ikke tilgang til å gjøre dette.")


class SignInRequired(Problem):
    status = 401
    title = N_("Du må logge inn.")


class NotFound(Problem):
    """Absent and invisible are the same, so that an id can not be tried out."""

    status = 404
    title = N_("Fant ikke det du ser etter.")


class MethodNotAllowed(Problem):
    status = 405
    title = N_("Adressen tar ikke imot denne handlingen.")


class Conflict(Problem):
    status = 409
    title = N_("Det er i strid med slik det er nå.")


class Gone(Problem):
    status = 410
    title = N_("Dette finnes ikke lenger.")


class Stale(Problem):
    status = 412
    title = N_("Noen andre har endret dette i mellomtiden.")


class VersionMissing(Problem):
    status = 428
    title = N_("Endringen må si hvilken utgave den bygger på (If-Match).")


class TooLarge(Problem):
    status = 413
    title = N_("Det du sendte, er for stort.")


class NotSupported(Problem):
    status = 415
    title = N_("Filtypen støttes ikke.")


class TooMany(Problem):
    status = 429
    title = N_("For mange forsøk. Vent litt og prøv igjen.")


class Unavailable(Problem):
    status = 503
    title = N_("Tjenesten er opptatt. Prøv igjen om litt.")


class CrossSite(Forbidden):
    title = N_("Forespørselen kom fra et annet nettsted og ble avvist.")


class Malformed(Problem):
    title = N_("Forespørselen kan ikke leses.")


class Invalid(Problem):
    """One or more fields are wrong. ``by_field`` maps the field's name to its message.

    ``where`` are the values by which the commands that are meant are known among many: the refused
    ones themselves, or ids that stand beside them. ``places`` leads to the fields in the request.
    """

    status = 422
    title = N_("Noe må rettes.")

    def __init__(
        self,
        detail: str = "",
        *,
        by_field: Mapping[str, str] | None = None,
        where: Mapping[str, AbstractSet[object]] | None = None,
        values: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Member,
    ) -> None:
        super().__init__(detail, values=values, headers=headers, **members)
        self.by_field = dict(by_field or {})
        self.where = dict(where or {})
        self.concerns: list[object] = []
        self.places: dict[str, Sequence[Place]] = {}


def every_problem() -> Iterator[type[Problem]]:
    """All classes of problems that are loaded, each once, for the pages and for OpenAPI."""
    found: dict[str, type[Problem]] = {}
    waiting = [Problem]
    while waiting:
        each = waiting.pop()
        found[each.slug()] = each
        waiting.extend(each.__subclasses__())
    return iter(sorted(found.values(), key=lambda problem: problem.slug()))
