"""What the scanner's page can be used for. A mode is a line here, a template and a module.

``templates/fieldwork/mode_<name>.html`` extends ``fieldwork/scan.html``;
``static/modules/mode_<name>.js`` exports ``start(session)``. A mode with a page of its own names its
route instead of a template.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.i18n import N_

Context: TypeAlias = Callable[[Session, Actor, Mapping[str, str]], dict[str, Any]]


def _nothing(_session: Session, _actor: Actor, _query: Mapping[str, str]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Mode:
    """``slug`` is ``?modus=``; ``context`` is what its template needs beside the page's own.

    ``route`` is the page of its own, where it has one, and ``query`` what that page is asked with.
    """

    slug: str
    name: str
    label: str
    icon: str
    permission: Permission
    context: Context = _nothing
    route: str | None = None
    query: Mapping[str, str] | None = None

    @property
    def template(self) -> str:
        return f"fieldwork/mode_{self.name}.html"


LOOK_UP = Mode("oppslag", "look_up", N_("Slå opp"), "search", Permission.ITEM_READ)

MOVE = Mode("flytt", "collect", N_("Flytt"), "place", Permission.ITEM_EDIT, route="moves:new")

SURVEY = Mode(
    "kartlegg",
    "survey",
    N_("Kartlegg"),
    "register",
    Permission.ITEM_REGISTER,
    route="surveys:go_on",
)

COUNT = Mode("tell", "room", N_("Tell"), "check", Permission.ITEM_EDIT, route="stocktakes:browse")

BULK = Mode(
    "samlet",
    "collect",
    N_("Flere samlet"),
    "list",
    Permission.ITEM_EDIT,
    route="bulk:new",
    query=MappingProxyType({"kamera": "true"}),
)

FETCH = Mode(
    "hent", "collect", N_("Hent"), "handover", Permission.HANDOVER_MAKE, route="handovers:scan_out"
)

DELIVER = Mode(
    "ta-imot", "collect", N_("Ta imot"), "check", Permission.REQUEST_MAKE, route="handovers:scan_in"
)

MODES: Sequence[Mode] = (LOOK_UP, SURVEY, MOVE, COUNT, BULK, FETCH, DELIVER)


def chosen(actor: Actor, slug: str) -> Mode:
    """The mode of that name where the actor may use it, else look-up."""
    return next((each for each in offered(actor) if each.slug == slug), LOOK_UP)


def offered(actor: Actor) -> list[Mode]:
    return [each for each in MODES if actor.may(each.permission)]
