"""What differs between two reports of one project. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.reports.figures import ProjectReport, ProjectSummary, Ranged

Figure = int | float | str | None


@dataclass(frozen=True, slots=True)
class Differing:
    """A figure that is another: pieces, shares as fractions, g, g CO2e or øre by its key."""

    key: str
    before: Figure
    after: Figure


def _share(name: str) -> Callable[[ProjectSummary], Figure]:
    def found(report: ProjectSummary) -> Figure:
        total = report.reuse.by_pieces
        return None if total is None else getattr(total, name)

    return found


def _saving(view: str, name: str) -> Callable[[ProjectSummary], Figure]:
    def found(report: ProjectSummary) -> Figure:
        savings: Any = getattr(report.totals, view)
        figure: Ranged | None = getattr(savings, name)
        return None if figure is None else figure.value

    return found


COMPARED: Mapping[str, Callable[[ProjectSummary], Figure]] = {
    "needed_pieces": lambda report: report.programme.quantity - report.programme.cancelled_pieces,
    "fulfilled_pieces": lambda report: report.programme.fulfilled_pieces,
    "without_bought_used": _share("without_bought_used"),
    "with_bought_used": _share("with_bought_used"),
    **{
        f"{view}_{name}": _saving(view, name)
        for view in ("gross", "net")
        for name in ("co2e_g", "waste_g", "saved_ore")
    },
    "external_income_ore": lambda report: report.external_income.net_ore,
    "factor_sets": lambda report: ", ".join(report.basis.factor_sets) or None,
}
"""Key → figure, in the order in which they are told."""


def differences(before: ProjectReport, after: ProjectReport) -> list[Differing]:
    """The figures that differ, and how many pieces came and went between the two."""
    found = [
        Differing(key, figure(before), figure(after))
        for key, figure in COMPARED.items()
        if figure(before) != figure(after)
    ]
    were, are = (
        {(each.programme_line_id, each.item_id) for each in report.pieces}
        for report in (before, after)
    )
    for key, pieces in (("pieces_come", are - were), ("pieces_gone", were - are)):
        if pieces:
            found.append(Differing(key, None, len(pieces)))
    return found
