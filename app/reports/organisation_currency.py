"""The organisation's report in another currency: every amount by one dated rate, which it prints.

Each amount is multiplied exactly and rounded once, half-even, to whole hundredths. What is shown is
converted sum by sum, so converted parts may differ from their converted whole by a hundredth each.
"""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.impact.models_own import ExchangeRate
from app.impact.queries_own import rates_of, rates_visible_to
from app.impact.rules import MissingRateError, dated_rate, number_text
from app.kit.db import clock_of
from app.kit.errors import Invalid
from app.kit.i18n import N_, gettext
from app.kit.i18n import date as day_text
from app.reports.figures import Ranged
from app.reports.organisation_figures import Converted, OrganisationReport, Row, Saved, Wanted


class ReportRateMissing(Invalid):
    title = N_("Rapporten kan ikke vises i denne valutaen: kursen mangler.")


def rate_for(session: Session, actor: Actor, wanted: Wanted) -> tuple[Fraction, Converted] | None:
    """The rate and how it is printed; none where the report is in the organisation's own currency.

    The newest one not later than the last day of the years that are asked for, or than today.
    Raises ``ReportRateMissing``.
    """
    if wanted.currency in {None, actor.currency}:
        return None
    assert wanted.currency is not None
    until = clock_of(session).today()
    if wanted.last_year is not None:
        until = min(until, date(wanted.last_year, 12, 31))
    rates = rates_of(session, actor.org_id)
    try:
        rate, used = dated_rate(rates, actor.currency, wanted.currency, until)
    except MissingRateError as error:
        text = gettext(
            N_("Ingen kurs mellom %(own)s og %(other)s til og med %(day)s. Før den først."),
            own=actor.currency,
            other=wanted.currency,
            day=day_text(until),
        )
        raise ReportRateMissing(by_field={"currency": text}) from error
    shown = Converted(actor.currency, wanted.currency, number_text(rate), used.on, used.source)
    return rate, shown


def currencies(session: Session, actor: Actor) -> list[str]:
    """The organisation's own, and those that it has a rate against."""
    query = rates_visible_to(actor).with_only_columns(
        ExchangeRate.currency, ExchangeRate.quote_currency
    )
    pairs = session.execute(query.distinct()).all()
    others = {each for pair in pairs if actor.currency in pair for each in pair}
    return [actor.currency, *sorted(others - {actor.currency})]


def converted(report: OrganisationReport, rate: Fraction, shown: Converted) -> OrganisationReport:
    """The same report with its amounts in the other currency, older figures of its own among them."""

    def amount(ore: int) -> int:
        return round(ore * rate)

    def saved(of: Saved) -> Saved:
        money = of.saved_ore
        return replace(
            of,
            saved_ore=None
            if money is None
            else Ranged(amount(money.value), amount(money.low), amount(money.high)),
            new_price_ore=amount(of.new_price_ore),
        )

    def row(of: Row) -> Row:
        given = None if of.given is None else saved(of.given)
        return replace(of, received=saved(of.received), given=given)

    def per_employee(value: float | None) -> float | None:
        return None if value is None else float(round(Fraction(str(value)) * rate, 4))

    return replace(
        report,
        currency=shown.currency,
        converted=shown,
        total=saved(report.total),
        given=None if report.given is None else saved(report.given),
        rows=tuple(row(each) for each in report.rows),
        years=tuple(row(each) for each in report.years),
        external_income=tuple(
            replace(each, net_ore=amount(each.net_ore)) for each in report.external_income
        ),
        rates=tuple(
            replace(each, saved_ore_per_employee=per_employee(each.saved_ore_per_employee))
            for each in report.rates
        ),
        historic=tuple(
            replace(each, value=amount(each.value), currency=shown.currency)
            if each.currency == shown.own_currency
            else each
            for each in report.historic
        ),
    )
