"""Dated exchange rates: an input in another currency is converted on the day of the handover."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from app.impact.facts import ExchangeRate


class MissingRateError(ValueError):
    """No exchange rate on or before the day; names both currencies and the day."""


def exchange_rate(
    rates: Iterable[ExchangeRate], currency: str, wanted: str, on: date
) -> tuple[Fraction, str]:
    """How many `wanted` one `currency` costs, by the newest rate not later than the day.

    Returns the rate and its source; a rate written the other way round is inverted exactly.
    """
    if currency == wanted:
        return Fraction(1), ""
    rate, newest = dated_rate(rates, currency, wanted, on)
    return rate, f"exchange rate {newest.on.isoformat()}: {newest.source}"


def dated_rate(
    rates: Iterable[ExchangeRate], currency: str, wanted: str, on: date
) -> tuple[Fraction, ExchangeRate]:
    """As ``exchange_rate`` of two currencies, with the row that gives it. Raises as it does."""
    usable = [
        rate
        for rate in rates
        if {rate.currency, rate.quote_currency} == {currency, wanted} and rate.on <= on
    ]
    if not usable:
        raise MissingRateError(f"no exchange rate from {currency} to {wanted} on or before {on}")
    # Of two rates on one day the one written in the wanted direction decides.
    newest = max(usable, key=lambda rate: (rate.on, rate.currency == currency))
    exact = Fraction(newest.rate)
    return exact if newest.currency == currency else 1 / exact, newest
