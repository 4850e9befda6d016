"""A site visit as an appointment: what a calendar says of it, on a page and in a letter alike."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.inbox.calendar_file import Appointment, calendar_file
from app.inbox.models import Case, SiteVisit
from app.inbox.rules import VisitState
from app.kit.i18n import N_, gettext
from app.places.models import Place


def calendar_text(session: Session, visit: SiteVisit) -> str:
    """The file that goes with a letter, which leads to the page itself."""
    return calendar_file(appointment_of(session, visit, None))


def appointment_of(session: Session, visit: SiteVisit, public_url: str | None) -> Appointment:
    """The reader's language is that of the moment."""
    case = session.scalars(
        select(Case).where(Case.org_id == visit.org_id, Case.id == visit.case_id)
    ).one()
    visitor = session.get_one(Person, visit.person_id)
    place = session.scalar(
        select(Place.label).where(Place.org_id == visit.org_id, Place.id == visit.place_id)
    )
    title = gettext(N_("Befaring: %(subject)s (%(number)s)"))
    return Appointment(
        uid=visit.id,
        sequence=visit.sequence,
        stamp=visit.changed_at,
        starts_at=visit.starts_at,
        minutes=visit.minutes,
        title=title % {"subject": case.subject, "number": case.title},
        place=" · ".join(filter(None, (place, visit.meet_at))) or None,
        text="\n".join(
            filter(
                None,
                (case.asker_name, case.asker_unit, case.asker_phone, case.asker_email),
            )
        ),
        organiser_name=visitor.name,
        organiser_email=visitor.email,
        address=f"{public_url}/henvendelser/{case.id}" if public_url else None,
        is_cancelled=visit.state is VisitState.CANCELLED,
    )
