"""Waiting lists to arrange with: pieces that are all given away, and who waits for them."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.marketplace import service, waiting
from app.marketplace.models import Listing, Request
from app.marketplace.rules import (
    ReservationState,
)
from app.projects.service import AddLine, StartProject, add_lines, start_project
from tests.marketplace.stalls import (
    a_listing,
    a_request,
    acting,
    approved,
    states,
    the_line,
)
from tests.people import Organised


def in_queue(session: Session, org: Organised, listing: Listing) -> list[UUID]:
    session.flush()
    rows = waiting.queue_of(session, acting(session, org), listing.id)
    return [each.request_id for each in rows if each.state is ReservationState.WAITING]


def taken(session: Session, org: Organised, pieces: int = 1) -> tuple[Listing, Request]:
    """A listing of which every piece is approved for somebody."""
    listing = a_listing(session, org, pieces)
    holder = a_request(session, org, listing, pieces, role=Role.MOVER)
    approved(session, org, holder, pieces)
    return listing, holder


def waits(
    session: Session,
    org: Organised,
    listing: Listing,
    clock: MovedClock,
    wanted: int = 1,
    **how: object,
) -> Request:
    clock.move(timedelta(minutes=10))
    request = a_request(session, org, listing, wanted, **how)  # type: ignore[arg-type]
    approved(session, org, request, wanted)
    assert states(session, request) == {"waiting": wanted}
    return request


def freed(session: Session, org: Organised, holder: Request) -> None:
    service.cancel(session, acting(session, org), [service.OfRequest(request_id=holder.id)])


def a_project_line(session: Session, org: Organised, **dates: date) -> UUID:
    manager = acting(session, org)
    start = StartProject(name="Ny poliklinikk", unit_id=org.unit_id, from_date=dates.get("begins"))
    (project,) = start_project(session, manager, [start])
    add = AddLine(
        project_id=project.id,
        category_id="CHAIR_TASK",
        quantity=5,
        wanted_date=dates.get("wanted"),
    )
    (line,) = add_lines(session, manager, [add])
    return line.id


def an_offer(session: Session, org: Organised, clock: MovedClock) -> tuple[Listing, Request, UUID]:
    """Listing, request and line of one offered piece."""
    listing, holder = taken(session, org)
    request = waits(session, org, listing, clock)
    freed(session, org, holder)
    return listing, request, the_line(session, request).id
