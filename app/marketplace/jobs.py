"""What the market does by the clock."""

from app.kit.jobs import Parts
from app.marketplace.service_hold import release_due, remind_due
from app.marketplace.service_outside_queue import offer_due
from app.marketplace.service_sale import decline_unanswered
from app.marketplace.service_stages import lapse_due, remind_deadlines, widen_due
from app.marketplace.service_waiting import pass_on_due


def pass_on_offers(parts: Parts) -> None:
    """Offers whose limit has passed end, and who is next gets the piece: inside first, then outside."""
    for verb in (pass_on_due, offer_due):
        is_more = True
        while is_more:
            with parts.db.write() as session:
                is_more = verb(session) > 0


def end_holds(parts: Parts) -> None:
    """What nobody fetched in time is let go of, and both sides hear of it some days before."""
    for verb in (release_due, remind_due):
        is_more = True
        while is_more:
            with parts.db.write() as session:
                is_more = verb(session) > 0


def move_stages(parts: Parts) -> None:
    """Listings end by their date, are reminded of it, and go to their next stage; some at a time.

    Before that, buyers whom nobody answered are told no: their listings wait for it. Each step leaves what it did marked in the rows, so a job that is killed goes on where it was.
    """
    for step in (decline_unanswered, lapse_due, remind_deadlines, widen_due):
        is_more = True
        while is_more:
            with parts.db.write() as session:
                is_more = step(session) > 0
