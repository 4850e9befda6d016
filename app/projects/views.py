"""What the pages of projects show, put together from few queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.impact.rules import FIVE_SOURCES, FulfilmentSource, reuse_share
from app.items import names as item_names
from app.items.models import Item
from app.items.queries import codes_of
from app.kit.codes import grouped
from app.kit.i18n import gettext, number
from app.kit.units import size_limits, typed_scaled
from app.projects import names, queries
from app.projects.models import Fulfilment, ProgrammeLine, Project
from app.projects.outputs import counts_by_line, still_open
from app.projects.rules import SOURCES, LineState

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Sums:
    """Pieces needed by lines that stand, those that meet them by source, and the two shares."""

    needed: int
    fulfilled: int
    parts: list[tuple[str, int, str]]
    without_bought_used: Decimal | None
    with_bought_used: Decimal | None

    @property
    def percent(self) -> int | None:
        """The share the goal is held against: own reuse, without what was bought used."""
        share = self.without_bought_used
        return None if share is None else int((share * 100).to_integral_value())


def sums_of(needed: int, counts: Mapping[FulfilmentSource, int]) -> Sums:
    """Sums of one project or line; the parts are ready for a bar."""
    share = reuse_share(counts)
    return Sums(
        needed=needed,
        fulfilled=sum(counts.values()),
        parts=[
            (gettext(SOURCES[source]), counts.get(source, 0), number(counts.get(source, 0)))
            for source in FIVE_SOURCES
        ],
        without_bought_used=_decimal(share.without_bought_used) if share else None,
        with_bought_used=_decimal(share.with_bought_used) if share else None,
    )


def _decimal(share: Any) -> Decimal:
    return Decimal(share.numerator) / Decimal(share.denominator)


def project_cards(
    session: Session, actor: Actor, projects: Sequence[Project]
) -> list[dict[str, Any]]:
    """Each project with its share so far, in three queries however many there are."""
    ids = [each.id for each in projects]
    counts: dict[UUID, dict[FulfilmentSource, int]] = defaultdict(dict)
    for project_id, source, count in session.execute(queries.fulfilled_by_project(actor, ids)):
        counts[project_id][source] = count
    needed: dict[UUID, int] = defaultdict(int)
    for project_id, state, _lines, pieces in session.execute(queries.needed_by_project(actor, ids)):
        if state is not LineState.CANCELLED:
            needed[project_id] += int(pieces)
    units = queries.named(session, Unit, actor, {each.unit_id for each in projects})
    return [
        {
            "project": each,
            "state": state_tag(names.PROJECT_STATES[each.state]),
            "kind": gettext(names.KINDS[each.kind]),
            "unit": units.get(each.unit_id),
            "sums": sums_of(needed[each.id], counts[each.id]),
        }
        for each in projects
    ]


def line_rows(
    session: Session, actor: Actor, lines: Sequence[ProgrammeLine]
) -> list[dict[str, Any]]:
    """Each line with what meets it, what is open and what it asks for."""
    counts = counts_by_line(session, actor, [each.id for each in lines])
    found = session.scalars(
        select(Category).where(Category.id.in_({each.category_id for each in lines}))
    )
    called = {each.id: category_name(each) for each in found}
    places = queries.place_labels(session, actor, {each.place_id for each in lines})
    return [
        {
            "line": each,
            "category": called[each.category_id],
            "size": size_limits(each),
            "asked": names.asked_of(each),
            "place": places.get(each.place_id),
            "sums": sums_of(each.quantity, counts[each.id]),
            "open": still_open(each, counts[each.id]),
            "market": market_query(each),
            "state": state_tag(names.LINE_STATES[each.state]),
        }
        for each in lines
    ]


def pieces_of(session: Session, actor: Actor, line: ProgrammeLine) -> list[dict[str, Any]]:
    """The pieces that meet a line, like ones of one day and source together, the newest first."""
    query = (
        queries.fulfilments_visible_to(actor)
        .add_columns(Item.name)
        .join(Item, (Item.org_id == Fulfilment.org_id) & (Item.id == Fulfilment.item_id))
        .where(Fulfilment.programme_line_id == line.id)
        .order_by(Fulfilment.fulfilled_on.desc(), Item.name, Fulfilment.id)
        .limit(MOST_SHOWN)
    )
    found = [(row[0], row[1]) for row in session.execute(query)]
    labels = codes_of(session, actor, [each.item_id for each, _ in found])
    groups: dict[tuple[Any, ...], list[tuple[UUID, str]]] = defaultdict(list)
    for each, name in found:
        code = labels.get(each.item_id)
        key = (each.fulfilled_on, name, each.source)
        groups[key].append((each.item_id, grouped(code) if code else name))
    return [
        {"on": on, "name": name, "source": gettext(SOURCES[source]), "items": items}
        for (on, name, source), items in groups.items()
    ]


def line_choices() -> dict[str, Any]:
    """What a line's form lets choose of condition and surface."""
    return {
        "conditions": [(each.value, gettext(text)) for each, text in item_names.CONDITIONS.items()],
        "suitabilities": [
            (each.value, gettext(text)) for each, text in item_names.SUITABLES.items()
        ],
    }


def market_query(line: ProgrammeLine) -> dict[str, str]:
    """The market's filters for what a line asks for."""
    query = {"category_id": line.category_id}
    if line.suitability is not None:
        query["suitability"] = line.suitability.value
    for side in ("width", "depth", "height"):
        for end in ("min", "max"):
            mm = getattr(line, f"{side}_{end}_mm")
            if mm is not None:
                query[f"{side}_{end}_cm"] = typed_scaled(mm, 10)
    return query


def state_tag(name: tuple[str, str]) -> dict[str, str]:
    """The word and the tone of a state's tag."""
    return {"text": gettext(name[0]), "tone": name[1]}
