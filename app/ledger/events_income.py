"""What is recorded of income from outside; subject is its row."""

from dataclasses import dataclass

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class IncomeRecorded(Event):
    """``amount_ore`` includes ``vat_ore``."""

    amount_ore: int
    vat_ore: int


@dataclass(frozen=True, kw_only=True)
class IncomeReversed(Event):
    """By a row of its own, which is the subject; the amounts are negative."""

    amount_ore: int
    vat_ore: int
