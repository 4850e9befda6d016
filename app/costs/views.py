"""The rule in sentences, and booked costs as rows of a page or a file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.costs.models import CostEntry
from app.costs.names import KINDS, PAYERS
from app.costs.queries import Rule, Sum
from app.costs.rules import InternalPrice, Kind, Payer, is_own
from app.kit.exports import Column, Sheet, Value
from app.kit.i18n import N_, gettext, money_ore, ngettext


def shares_said(parts: Sequence[int]) -> str:
    """``Mottakeren 60 %, fellesenheten 40 %``; who pays all is named alone."""
    paying = [
        (gettext(PAYERS[payer]), percent)
        for payer, percent in zip(Payer, parts, strict=True)
        if percent
    ]
    if len(paying) == 1:
        return paying[0][0]
    said = [gettext("%(who)s %(percent)s %%", who=who, percent=part) for who, part in paying]
    return ", ".join([said[0], *(each[:1].lower() + each[1:] for each in said[1:])])


def price_said(rule: Rule) -> str:
    """How the internal price is found, in a few words."""
    if rule.row.price_kind is InternalPrice.PERCENT:
        return gettext("%(percent)s %% av nyprisen", percent=rule.row.price_percent)
    if rule.row.price_kind is InternalPrice.FIXED:
        return ngettext(
            "fast beløp for %(num)s kategori", "fast beløp for %(num)s kategorier", len(rule.prices)
        )
    return gettext("ingen")


def summary(rule: Rule) -> list[tuple[str, str]]:
    """Each kind with who pays it; a kind that is not shared is said to be that."""
    rows = []
    for kind in Kind:
        parts = rule.shares.get(kind)
        said = gettext(N_("Deles ikke")) if parts is None else shares_said(parts)
        if kind is Kind.INTERNAL_PRICE and parts is not None:
            said = f"{said} ({price_said(rule)})"
        rows.append((gettext(KINDS[kind]), said))
    return rows


def amount(ore: int, currency: str) -> str:
    """With øre: the figures are accounts'."""
    return money_ore(ore, currency, 2)


@dataclass(frozen=True, slots=True)
class Line:
    """A booked cost as the page lists it."""

    id: UUID
    kind: str
    what: str
    amount: str
    payer: str
    payee: str
    is_own: bool
    entry: CostEntry


def side(name: str, cost_centre: str | None) -> str:
    return f"{cost_centre} {name}" if cost_centre else name


def line_of(row: Any) -> Line:
    entry = row[0]
    return Line(
        id=entry.id,
        kind=gettext(KINDS[entry.kind]),
        what=row.item or gettext("Hele oppdraget"),
        amount=amount(entry.amount_ore, entry.currency),
        payer=side(row.payer, entry.payer_cost_centre),
        payee=side(row.payee, entry.payee_cost_centre),
        is_own=is_own(
            entry.payer_unit_id,
            entry.payer_cost_centre,
            entry.payee_unit_id,
            entry.payee_cost_centre,
        ),
        entry=entry,
    )


def sums_shown(sums: Iterable[Sum]) -> list[tuple[str, str, str, str]]:
    """Payer, payee, entries and amount; what a unit bears itself is not to be invoiced."""
    return [
        (
            side(each.payer, each.payer_cost_centre),
            gettext("Bæres selv, faktureres ikke")
            if each.is_own
            else side(each.payee, each.payee_cost_centre),
            str(each.rows),
            amount(each.amount_ore, each.currency),
        )
        for each in sums
    ]


def line_columns(currency: str) -> list[Column]:
    money = {"currency": currency}
    return [
        Column("booked_on", gettext("Bokført")),
        Column("happened_on", gettext("Overlevert eller levert")),
        Column("kind", gettext("Kostnad"), 44),
        Column("payer", gettext("Betaler"), 28),
        Column("payer_cost_centre", gettext("Betalers kostnadssted")),
        Column("payee", gettext("Mottar"), 28),
        Column("payee_cost_centre", gettext("Mottakers kostnadssted")),
        Column("amount", gettext("Beløp (%(currency)s)", **money)),
        Column("whole", gettext("Hele kostnaden (%(currency)s)", **money), 22),
        Column("percent", gettext("Del (%)")),
        Column("currency", gettext("Valuta")),
        Column("item", gettext("Møbel"), 28),
        Column("request", gettext("Bestilling nr.")),
        Column("handover", gettext("Overlevering nr.")),
        Column("order", gettext("Oppdrag nr.")),
        Column("rule", gettext("Regel nr.")),
        Column("is_reversal", gettext("Tilbakeføring")),
        Column("id", gettext("Id"), 38),
    ]


def line_values(rows: Iterable[Any]) -> Iterable[list[Value]]:
    """Amounts in kroner, as numbers that add up."""
    for row in rows:
        entry = row[0]
        yield [
            entry.booked_on,
            entry.happened_on,
            gettext(KINDS[entry.kind]),
            row.payer,
            entry.payer_cost_centre,
            row.payee,
            entry.payee_cost_centre,
            entry.amount_ore / 100,
            entry.whole_ore / 100,
            entry.percent,
            entry.currency,
            row.item,
            row.request_number,
            row.handover_number,
            row.order_number,
            row.rule_number,
            entry.reverses_id is not None,
            str(entry.id),
        ]


def sums_sheet(sums: Iterable[Sum], currency: str) -> Sheet:
    columns = [
        Column("payer_cost_centre", gettext("Betalers kostnadssted")),
        Column("payer", gettext("Betaler"), 28),
        Column("payee_cost_centre", gettext("Mottakers kostnadssted")),
        Column("payee", gettext("Mottar"), 28),
        Column("amount", gettext("Beløp (%(currency)s)", currency=currency)),
        Column("currency", gettext("Valuta")),
        Column("rows", gettext("Linjer (antall)")),
        Column("is_invoiced", gettext("Faktureres")),
    ]
    return Sheet(
        gettext("Grunnlag"),
        columns,
        [
            [
                each.payer_cost_centre,
                each.payer,
                each.payee_cost_centre,
                each.payee,
                each.amount_ore / 100,
                each.currency,
                each.rows,
                not each.is_own,
            ]
            for each in sums
        ],
    )


def rules_sheet(
    rules: Iterable[Rule], units: Mapping[UUID, str], categories: Mapping[str, str], currency: str
) -> Sheet:
    """The versions that the lines rest on: who pays each kind, and the internal prices."""
    columns = [
        Column("rule", gettext("Regel nr.")),
        Column("valid_from", gettext("Gjelder fra")),
        Column("common", gettext("Fellesenhet"), 28),
        Column("what", gettext("Hva"), 48),
        Column("giver", gettext("Giver (%)")),
        Column("receiver", gettext("Mottaker (%)")),
        Column("common_percent", gettext("Fellesenhet (%)")),
        Column("price", gettext("Internpris (%(currency)s)", currency=currency), 20),
        Column("price_percent", gettext("Internpris (% av nypris)"), 24),
    ]
    found: list[list[Value]] = []
    for rule in rules:
        row = rule.row
        named: list[Value] = [row.number, row.valid_from, units.get(row.common_unit_id)]
        for kind, parts in rule.shares.items():
            percent = row.price_percent if kind is Kind.INTERNAL_PRICE else None
            found.append([*named, gettext(KINDS[kind]), *parts, None, percent])
        for category_id, price_ore in sorted(rule.prices.items()):
            name = categories.get(category_id, category_id)
            found.append([*named, name, None, None, None, price_ore / 100, None])
    return Sheet(gettext("Regler"), columns, found)
