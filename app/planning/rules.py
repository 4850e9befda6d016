"""Sums of a project's plan, without a session."""

from dataclasses import dataclass
from enum import StrEnum


class BudgetState(StrEnum):
    NONE = "none"
    WITHIN = "within"
    NEAR = "near"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Budget:
    """``left_ore`` is negative above the budget; it and ``percent`` are empty without one."""

    state: BudgetState
    percent: int | None
    left_ore: int | None


def budget_of(budget_ore: int | None, warn_percent: int, spent_ore: int) -> Budget:
    """Near is from the warning's percent of the budget on; to use all of it is not to be over."""
    if budget_ore is None:
        return Budget(BudgetState.NONE, None, None)
    left = budget_ore - spent_ore
    percent = spent_ore * 100 // budget_ore if budget_ore else (100 if not spent_ore else None)
    if left < 0:
        return Budget(BudgetState.OVER, percent, left)
    is_near = spent_ore * 100 >= warn_percent * budget_ore
    return Budget(BudgetState.NEAR if is_near else BudgetState.WITHIN, percent, left)
