"""What plans have set aside, on a driver's day: each piece goes where its plan says."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.handovers.queries_run import SetAside, set_aside
from app.kit.errors import Invalid, NotFound
from app.kit.i18n import N_, gettext
from app.kit.i18n import date as day_text

NO_PLACE = N_("Prosjektet sier ikke hvor møblene skal. Legg inn stedet på linjen først.")
NOT_FREE = N_("Noen av møblene er ikke ledige før %(day)s.")


def aside_to_drive(
    session: Session, actor: Actor, item_ids: Collection[UUID], driven_on: date
) -> list[tuple[SetAside, UUID]]:
    """The pieces with the places they go to.

    Raises ``NotFound`` where one is set aside for nobody, or is not the actor's to hand over, and
    ``Invalid`` at ``planned_ids`` for one that nobody says where to take, or that is not free by then.
    """
    if not item_ids:
        return []
    found = set_aside(session, actor, item_ids=item_ids, most=len(item_ids))
    if len(found) < len(item_ids):
        raise NotFound(N_("Fant ikke møbelet blant dem som er satt av."))
    last = max((each.free_from for each in found if each.free_from), default=driven_on)
    if last > driven_on:
        raise Invalid(by_field={"planned_ids": gettext(NOT_FREE, day=day_text(last))})
    ends = [(each, each.place_id) for each in found]
    going = [(each, place_id) for each, place_id in ends if place_id is not None]
    if len(going) < len(ends):
        raise Invalid(by_field={"planned_ids": NO_PLACE})
    return going
