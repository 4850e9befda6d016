"""Goals, and what was counted towards them: by unit and by project, in a few statements a year."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.queries import units_below_led_by, units_visible_to
from app.accounts.rules import Permission
from app.goals.models import Goal, GoalRule, GoalSheet
from app.goals.rules import Amount, Kind
from app.handovers.models import HandoverLine
from app.impact.rules import FIVE_SOURCES, FulfilmentSource, Tier, View
from app.inbox.models import Case
from app.inbox.rules import CaseState
from app.items.models import Item
from app.kit.errors import NotFound
from app.kit.events import EventRow
from app.kit.i18n import N_
from app.kit.work import write_last
from app.ledger import queries as ledger
from app.ledger.models import LedgerEntry
from app.ledger.models_sums import LedgerSum
from app.ledger.rules_sums import Cut
from app.marketplace.models import Request, RequestLine, Reservation
from app.marketplace.models_outside import OutsidePiece, OutsideRequest
from app.reports.rules import REUSED

Counted = Mapping[Kind, Amount]
NOTHING: Counted = dict.fromkeys(Kind, Amount(0))


@dataclass(frozen=True, slots=True)
class Node:
    """A unit of the tree with those right below it, by name."""

    id: UUID
    name: str
    parent_id: UUID | None
    children: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The goals of one unit or project; ``version`` 0 is none yet."""

    version: int
    targets: Mapping[Kind, int]


NO_SHEET = Sheet(0, {})


def sheets_visible_to(actor: Actor) -> Select[GoalSheet]:
    """Everybody may see what the organisation aims for."""
    return select(GoalSheet).where(GoalSheet.org_id == actor.org_id)


def goals_of(
    session: Session, actor: Actor, year: int
) -> tuple[dict[UUID, Sheet], dict[UUID, Sheet]]:
    """Of units, and of projects."""
    rows = session.execute(
        sheets_visible_to(actor)
        .where(GoalSheet.year == year)
        .outerjoin(Goal, (Goal.org_id == GoalSheet.org_id) & (Goal.goal_sheet_id == GoalSheet.id))
        .with_only_columns(
            GoalSheet.unit_id, GoalSheet.project_id, GoalSheet.version, Goal.kind, Goal.target
        )
    ).all()
    found: dict[tuple[UUID | None, UUID | None], tuple[int, dict[Kind, int]]] = {}
    for row in rows:
        _, targets = found.setdefault((row.unit_id, row.project_id), (row.version, {}))
        if row.kind is not None:
            targets[row.kind] = row.target
    units = {unit: Sheet(*each) for (unit, _), each in found.items() if unit is not None}
    projects = {own: Sheet(*each) for (_, own), each in found.items() if own is not None}
    return units, projects


def tree(session: Session, actor: Actor) -> list[Node]:
    """The units that stand highest, each with what lies below it."""
    rows = session.execute(
        units_visible_to(actor)
        .with_only_columns(Unit.id, Unit.name, Unit.parent_id)
        .order_by(Unit.name, Unit.id)
    )
    nodes = {row.id: Node(row.id, row.name, row.parent_id) for row in rows}
    for each in nodes.values():
        if each.parent_id in nodes:
            nodes[each.parent_id].children.append(each)
    return [each for each in nodes.values() if each.parent_id not in nodes]


def counted(
    session: Session, actor: Actor, year: int
) -> tuple[dict[UUID | None, dict[Kind, Amount]], dict[UUID | None, dict[Kind, Amount]]]:
    """What each unit itself, and each project, has of every kind in the year's accounts.

    Waste is the giver's; CO2e, money and pieces are the receiver's (savings method, D3). A use that
    is in no unit's name stands under nothing, and counts for the organisation.
    """
    units: dict[UUID | None, dict[Kind, Amount]] = defaultdict(lambda: dict(NOTHING))
    projects: dict[UUID | None, dict[Kind, Amount]] = defaultdict(lambda: dict(NOTHING))

    def add(of: dict[Kind, Amount], kind: Kind, part: object, whole: int = 0) -> None:
        of[kind] += Amount(int(part or 0), whole)  # type: ignore[call-overload]

    write_last(session)
    for row in session.execute(_sums(actor, year)):
        of = projects[row.of_id] if row.cut is Cut.PROJECT else units[row.of_id]
        if row.cut is not Cut.RECEIVER:
            add(of, Kind.WASTE, row.waste_g)
        if row.cut is Cut.GIVER:
            continue
        pieces = int(row.uses) if row.source in FIVE_SOURCES else 0
        uses, unknown = int(row.uses), int(row.not_calculated)
        of[Kind.CO2E] += Amount(int(row.co2e_g), uses=uses, unknown=unknown)
        of[Kind.SAVED] += Amount(int(row.saved_ore), uses=uses, unknown=int(row.unpriced))
        add(of, Kind.REUSE_SHARE, 0 if row.source is FulfilmentSource.NEW else pieces, pieces)
        add(of, Kind.REUSE_WITHOUT, pieces if row.source in REUSED else 0, pieces)
    for row in session.execute(_enquiries(actor, year)):
        add(units[row.unit_id], Kind.ANSWERED, row.answered, row.asked)
    return units, projects


def _sums(actor: Actor, year: int) -> Select[*tuple[Any, ...]]:
    """From the sums beside the ledger: as quick for a million entries as for ten."""
    grouped = (LedgerSum.cut, LedgerSum.of_id, LedgerSum.source)
    measured = ("waste_g", "co2e_g", "saved_ore", "uses", "not_calculated")
    return (
        select(
            *grouped,
            *(func.sum(getattr(LedgerSum, name)).label(name) for name in measured),
            func.sum(case((LedgerSum.price_tier == Tier.NO_RATE, LedgerSum.uses), else_=0)).label(
                "unpriced"
            ),
        )
        .where(LedgerSum.org_id == actor.org_id, LedgerSum.year == year)
        .where(LedgerSum.view == View.GROSS)
        .where(LedgerSum.cut.in_((Cut.GIVER, Cut.RECEIVER, Cut.PROJECT)))
        .group_by(*grouped)
    )


def _enquiries(actor: Actor, year: int) -> Select[*tuple[Any, ...]]:
    """Those that were withdrawn asked for no answer any more."""
    is_answered = or_(Case.first_reply_on.is_not(None), Case.closed_on.is_not(None))
    return (
        select(
            Case.unit_id,
            func.count().label("asked"),
            func.sum(case((is_answered, 1), else_=0)).label("answered"),
        )
        .where(Case.org_id == actor.org_id, Case.year == year)
        .where(Case.state != CaseState.WITHDRAWN)
        .group_by(Case.unit_id)
    )


def whole_of(
    own: Mapping[UUID | None, Counted], unit_ids: Collection[UUID | None]
) -> dict[Kind, Amount]:
    """The sum of some units'."""
    found = dict(NOTHING)
    for each in unit_ids:
        for kind, amount in own.get(each, NOTHING).items():
            found[kind] += amount
    return found


def units_settable_by(session: Session, actor: Actor) -> frozenset[UUID] | None:
    """Where the actor may set goals: by role, or as leader; ``None`` is everywhere."""
    if actor.may_everywhere(Permission.GOAL_SET):
        return None
    by_role = actor.permissions.get(Permission.GOAL_SET) or frozenset()
    return frozenset(by_role) | frozenset(session.scalars(units_below_led_by(actor)))


def rule_of(session: Session, actor: Actor) -> GoalRule:
    """What is switched on; everything, before the organisation has said something."""
    found = session.scalar(select(GoalRule).where(GoalRule.org_id == actor.org_id))
    if found is not None:
        return found
    return GoalRule(org_id=actor.org_id, has_leader_board=True, has_own_savings=True, version=0)


class SwitchedOff(NotFound):
    title = N_("Virksomheten har slått av denne siden.")


def own_entries(actor: Actor) -> Select[LedgerEntry]:
    """Entries of pieces that the actor's own requests led to, reversals included.

    A receipt is counted by its event, whose subject is the line of the handover. A piece that came
    from another organisation is known by the row it had there, which went to the actor's request.
    """
    receipts = (
        select(EventRow.id)
        .join(
            HandoverLine,
            (HandoverLine.org_id == EventRow.org_id) & (HandoverLine.id == EventRow.subject_id),
        )
        .join(
            Reservation,
            (Reservation.org_id == HandoverLine.org_id)
            & (Reservation.id == HandoverLine.reservation_id),
        )
        .join(RequestLine, RequestLine.id == Reservation.request_line_id)
        .join(
            Request,
            (Request.org_id == RequestLine.org_id) & (Request.id == RequestLine.request_id),
        )
        .where(Request.org_id == actor.org_id, Request.person_id == actor.person_id)
        .where(EventRow.org_id == actor.org_id)
    )
    from_others = (
        select(EventRow.id)
        .join(
            HandoverLine,
            (HandoverLine.org_id == EventRow.org_id) & (HandoverLine.id == EventRow.subject_id),
        )
        .join(Item, (Item.org_id == HandoverLine.org_id) & (Item.id == HandoverLine.item_id))
        .join(
            OutsidePiece,
            (OutsidePiece.org_id == Item.previous_org_id)
            & (OutsidePiece.item_id == Item.previous_item_id),
        )
        .join(
            OutsideRequest,
            (OutsideRequest.org_id == OutsidePiece.org_id)
            & (OutsideRequest.id == OutsidePiece.outside_request_id),
        )
        .where(EventRow.org_id == actor.org_id, OutsidePiece.given_up_at.is_(None))
        .where(HandoverLine.source == FulfilmentSource.BOUGHT_USED)
        .where(
            OutsideRequest.asker_org_id == actor.org_id,
            OutsideRequest.person_id == actor.person_id,
        )
    )
    own = or_(LedgerEntry.event_id.in_(receipts), LedgerEntry.event_id.in_(from_others))
    return ledger.entries_visible_to(actor).where(own)
