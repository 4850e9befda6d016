"""A project's plan, put together from few queries: supply, what is set aside, alternatives, result."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import ProductModel
from app.impact.queries import factors_of
from app.impact.rules import FIVE_SOURCES, FulfilmentSource, ReuseShare, reuse_share
from app.items.models import Item
from app.items.rules import Fate
from app.places.queries import positions_of
from app.places.rules import road_m
from app.planning.figures import Part, PlanFigures, figures_of
from app.planning.names import ALL_NEW, ALL_WE_HAVE, NOW, REWORKED, THEN_USED
from app.planning.queries_lines import open_lines
from app.planning.queries_ordered import Ordered, ordered_for
from app.planning.queries_plan import allocated_items
from app.planning.queries_supply import piles, surplus
from app.planning.rules_match import Line, Origin, Pile, Supply, matched, reworked
from app.projects.models import ProgrammeLine, Project
from app.projects.queries import fulfilled_by_line, lines_of
from app.projects.rules import LineState

S = FulfilmentSource
FROM: Mapping[Origin, FulfilmentSource] = {
    Origin.INVENTORY: S.INTERNAL_REUSE,
    Origin.RELEASE: S.INTERNAL_REUSE,
    Origin.MARKET: S.INTERNAL_REUSE,
    # What another organisation gives is bought used, at price 0.
    Origin.NETWORK: S.BOUGHT_USED,
}


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to meet the programme. ``figures`` are of what is not delivered yet.

    ``counts`` are of the whole programme, what is delivered included; ``mix`` is it by line.
    ``parts`` are what is not delivered yet, each with its line.
    """

    key: str
    counts: Mapping[FulfilmentSource, int]
    figures: PlanFigures
    open: int
    mix: Mapping[UUID, Mapping[FulfilmentSource, int]]
    parts: Sequence[tuple[UUID, Part]]

    @property
    def share(self) -> ReuseShare | None:
        return reuse_share(self.counts)


Reworked: TypeAlias = Mapping[UUID, Sequence[tuple[Pile, int]]]
"""By line, what could be mended or built for it, and how many."""


class Aside(NamedTuple):
    """A piece that is set aside for a line."""

    line_id: UUID
    item: Item
    is_moving_along: bool
    model: ProductModel | None


@dataclass(frozen=True, slots=True)
class Plan:
    """By line: ``met`` and ``ordered`` pieces by source, and pieces set ``aside``."""

    lines: Sequence[ProgrammeLine]
    met: Mapping[UUID, Mapping[FulfilmentSource, int]]
    aside: Mapping[UUID, int]
    ordered: Ordered
    open: Mapping[UUID, int]
    supply: Mapping[UUID, Supply]
    alternatives: Sequence[Alternative]


def plan_of(session: Session, actor: Actor, project: Project, today: date) -> Plan:
    """Everything about a plan, in as many statements for one line as for two thousand."""
    lines = list(session.scalars(lines_of(actor, project.id)))
    standing = [each for each in lines if each.state is not LineState.CANCELLED]
    met: dict[UUID, Counter[FulfilmentSource]] = defaultdict(Counter)
    for line_id, source, count in session.execute(
        fulfilled_by_line(actor, [each.id for each in standing])
    ):
        met[line_id][source] += count
    ordered = ordered_for(session, actor, [each.id for each in standing])
    waiting = open_lines(session, actor, standing, ordered)
    categories = {each.asked.category_id for each in waiting if each.open}
    supply: Mapping[UUID, Supply] = {each.id: Supply() for each in waiting}
    made_over: Reworked = {}
    if categories:
        found = piles(session, actor, project.id, categories, today)
        supply = matched(waiting, found, today)
        extra = surplus(session, actor, project.id, categories)
        made_over = reworked(waiting, supply, found, extra, today)
    rows = session.execute(allocated_items(actor, project.id))
    items = [Aside(row[0], row[1], row[2] is Fate.MOVE_ALONG, row[3]) for row in rows]
    aside = Counter(each.line_id for each in items)
    asked = {each.id: each for each in waiting}
    return Plan(
        lines=standing,
        met=met,
        aside=aside,
        ordered=ordered,
        open={each.id: each.open for each in waiting},
        supply=supply,
        alternatives=_alternatives(
            session, actor, project, today, met, ordered, asked, items, supply, made_over
        ),
    )


def _mended(
    made_over: Reworked, metres: Callable[[UUID | None], int | None]
) -> list[tuple[UUID, Part]]:
    return [
        (
            line_id,
            Part(
                S.REDESIGNED_FROM_SURPLUS if pile.is_donor else S.REDESIGNED,
                pile.category_id,
                count,
                distance_m=metres(pile.place_id),
            ),
        )
        for line_id, takes in made_over.items()
        for pile, count in takes
    ]


def _rest(
    source: FulfilmentSource,
    lines: Mapping[UUID, Line],
    supply: Mapping[UUID, Supply],
    made_over: Reworked | None = None,
) -> list[tuple[UUID, Part]]:
    """What is bought of each line, after what there is and what is made over."""
    parts = []
    for line in lines.values():
        made = sum(count for _, count in (made_over or {}).get(line.id, ()))
        left = line.open - supply[line.id].total - made
        if left:
            parts.append((line.id, Part(source, line.asked.category_id, left)))
    return parts


def _part_of(aside: Aside, metres: int | None) -> Part:
    """As the ledger will take it: the piece's own facts, else its product model's."""
    item, model = aside.item, aside.model
    return Part(
        S.INTERNAL_REUSE,
        item.category_id,
        1,
        item.mass_g,
        item.new_price_ore,
        item.currency,
        metres,
        aside.is_moving_along,
        amount=item.amount,
        model_mass_g=model.mass_g if model else None,
        model_price_ore=model.new_price_ore if model else None,
    )


def _alternatives(
    session: Session,
    actor: Actor,
    project: Project,
    today: date,
    met: Mapping[UUID, Counter[FulfilmentSource]],
    ordered: Ordered,
    lines: Mapping[UUID, Line],
    items: Sequence[Aside],
    supply: Mapping[UUID, Supply],
    made_over: Reworked,
) -> list[Alternative]:
    places = {each.item.place_id for each in items}
    taken = [pile for each in supply.values() for pile, _ in each.takes]
    taken += [pile for takes in made_over.values() for pile, _ in takes]
    places |= {pile.place_id for pile in taken if pile.place_id}
    if project.place_id is not None:
        places.add(project.place_id)
    positions = positions_of(session, actor.org_id, places) if places else {}

    def metres(place_id: UUID | None) -> int | None:
        """By road, roughly; unknown where one of the places has no position."""
        if place_id is None or project.place_id is None:
            return None
        start, end = positions.get(place_id), positions.get(project.place_id)
        return road_m(start, end) if start and end else None

    aside = [(each.line_id, _part_of(each, metres(each.item.place_id))) for each in items]
    coming = [
        (line_id, Part(source, lines[line_id].asked.category_id, count))
        for line_id, counts in ordered.items()
        for source, count in counts.items()
    ]
    had = [
        (
            line_id,
            Part(
                FROM[pile.origin],
                pile.category_id,
                count,
                distance_m=metres(pile.place_id),
                is_moving_along=pile.is_moving_along,
                is_free=pile.origin is Origin.NETWORK,
            ),
        )
        for line_id, each in supply.items()
        for pile, count in each.takes
    ]

    got = Counter(each.line_id for each in items)
    for line_id, counts in ordered.items():
        got[line_id] += sum(counts.values())
    new = [
        (line.id, Part(S.NEW, line.asked.category_id, line.open + got[line.id]))
        for line in lines.values()
        if line.open + got[line.id]
    ]
    missing = sum(each.open for each in lines.values())
    ways: dict[str, tuple[Sequence[tuple[UUID, Part]], int]] = {
        NOW: ([*aside, *coming], missing),
        ALL_WE_HAVE: ([*aside, *coming, *had, *_rest(S.NEW, lines, supply)], 0),
        REWORKED: (
            [
                *aside,
                *coming,
                *had,
                *_mended(made_over, metres),
                *_rest(S.NEW, lines, supply, made_over),
            ],
            0,
        ),
        THEN_USED: ([*aside, *coming, *had, *_rest(S.BOUGHT_USED, lines, supply)], 0),
        ALL_NEW: (new, 0),
    }
    if not made_over:
        del ways[REWORKED]
    factors = factors_of(session, org_id=actor.org_id)
    found = []
    for key, (parts, still_open) in ways.items():
        mix: dict[UUID, Counter[FulfilmentSource]] = defaultdict(Counter)
        for line_id, counts in met.items():
            mix[line_id].update(counts)
        for line_id, part in parts:
            mix[line_id][part.source] += part.pieces
        figures = figures_of(
            (part for _, part in parts),
            factors,
            today,
            actor.currency,
            all_new_brief=project.all_new_brief,
        )
        total: Counter[FulfilmentSource] = Counter()
        for counts in mix.values():
            total.update(counts)
        found.append(
            Alternative(
                key,
                {each: total.get(each, 0) for each in FIVE_SOURCES},
                figures,
                still_open,
                {line_id: dict(counts) for line_id, counts in mix.items()},
                parts,
            )
        )
    return found
