"""What pieces on their way to another organisation were promised by."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.handovers.models import HandoverLine
from app.impact.rules import FulfilmentSource
from app.kit.errors import Conflict
from app.kit.i18n import N_
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.service_outside_given import promises_of


class ReceivedByOthers(Conflict):
    title = N_("Den andre virksomheten har bekreftet mottaket, så møbelet er deres nå.")


class FetchedByBuyer(Conflict):
    title = N_("Møbelet er hentet av en kjøper. Angre det fra forespørselen til kjøperen.")


def is_abroad(line: HandoverLine) -> bool:
    """On the way to another organisation, or with it."""
    return line.receiver_org_id != line.org_id


def is_to_buyer(line: HandoverLine) -> bool:
    """Fetched by somebody outside: it left, and no other organisation has it."""
    left = (FulfilmentSource.SOLD, FulfilmentSource.DONATED)
    return line.source in left and not is_abroad(line)


def require_undoable(lines: Sequence[HandoverLine]) -> None:
    """What another organisation has received is its to undo, and a sale is undone with its income.

    Raises ``FetchedByBuyer``, ``ReceivedByOthers``.
    """
    if any(is_to_buyer(each) for each in lines):
        raise FetchedByBuyer
    if any(is_abroad(each) and each.received_at for each in lines):
        raise ReceivedByOthers


def promised(session: Session, lines: Sequence[HandoverLine]) -> list[tuple[OutsideRequest, int]]:
    """What the pieces were promised to other organisations by, locked, with how many of each."""
    abroad = [each for each in lines if is_abroad(each)]
    if not abroad:
        return []
    found = promises_of(session, abroad[0].org_id, [each.item_id for each in abroad])
    counts: dict[UUID, int] = defaultdict(int)
    for each in abroad:
        counts[found[each.item_id].id] += 1
    rows = {each.id: each for each in found.values()}
    return [(rows[row_id], counts[row_id]) for row_id in sorted(rows)]
