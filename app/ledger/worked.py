"""What work on received pieces took and cost: as entered, else as workshops did it before.

A piece that was mended while nobody used it is booked with the handover that finds it a user, and
then bears the work's emission and cost: else the same reuse would be free.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.handovers.models import HandoverLine
from app.impact.rules import (
    REDESIGN_SHARE,
    Factors,
    FulfilmentSource,
    RedesignInputs,
    RedesignLevel,
    end_of_parts_g,
)
from app.workshop.queries_used import Mended, Used, mended_by_piece, used_by_handover

IDS_A_QUERY = 5_000
MADE_OVER = (FulfilmentSource.REDESIGNED, FulfilmentSource.REDESIGNED_FROM_SURPLUS)


@dataclass(frozen=True, slots=True)
class Worked:
    level: RedesignLevel | None
    inputs: RedesignInputs | None
    removed_g: int | None
    cost_ore: int | None


def as_entered(line: HandoverLine, inputs: RedesignInputs | None = None) -> Worked:
    return Worked(line.redesign_level, inputs, line.removed_g, line.redesign_ore)


def worked_on(
    session: Session, org_id: UUID, lines: Sequence[HandoverLine], factors: Factors
) -> dict[UUID, Worked]:
    """By line; a line that is not here is as it was entered, without recorded materials."""
    found: dict[UUID, Worked] = {}
    made = [each for each in lines if each.source in MADE_OVER]
    reused = [each for each in lines if each.source is FulfilmentSource.INTERNAL_REUSE]
    for part in _parts(made):
        used = used_by_handover(session, org_id, {each.handover_id for each in part})
        for line in part:
            if line.handover_id in used:
                found[line.id] = as_entered(line, _inputs(used[line.handover_id], factors))
    for part in _parts(reused):
        mended = mended_by_piece(session, org_id, {each.handover_id for each in part})
        for line in part:
            if works := mended.get((line.handover_id, line.item_id)):
                found[line.id] = _of_works(works, factors)
    return found


def _parts(lines: Sequence[HandoverLine]) -> list[Sequence[HandoverLine]]:
    return [lines[at : at + IDS_A_QUERY] for at in range(0, len(lines), IDS_A_QUERY)]


def _of_works(works: Sequence[Mended], factors: Factors) -> Worked:
    """All it cost; of several works the heaviest level stands for them."""
    heaviest = max(works, key=lambda each: REDESIGN_SHARE[each.level][0])
    used = works[0].used if len(works) == 1 else None
    return Worked(
        level=heaviest.level,
        inputs=None if used is None else _inputs(used, factors),
        removed_g=sum(each.removed_g for each in works) or None,
        cost_ore=sum(each.cost_ore for each in works),
    )


def _inputs(used: Used, factors: Factors) -> RedesignInputs:
    return RedesignInputs(
        new_parts=used.new_parts,
        energy_wh=used.energy_wh,
        removed_end_of_life_g=end_of_parts_g(used.removed, factors),
    )
