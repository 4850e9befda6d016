"""Where the entries stand that a goal's result is the sum of."""

from collections.abc import Callable
from uuid import UUID

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.goals.rules import Kind
from app.impact.rules import FIVE_SOURCES

Url = Callable[..., str]
"""As ``kit.page.url`` without its request."""


def behind(
    path: Url,
    actor: Actor,
    year: int,
    kind: Kind,
    *,
    unit_id: UUID | None = None,
    project_id: UUID | None = None,
) -> str | None:
    """The address; without unit and project the whole organisation's.

    Waste is the giver's, the rest the receiver's (savings method, D3). Enquiries are opened by who
    handles them.
    """
    if kind is Kind.ANSWERED:
        may = actor.may(Permission.CASE_HANDLE)
        return path("inbox:figures_of", year=year) if may else None
    is_share = kind in (Kind.REUSE_SHARE, Kind.REUSE_WITHOUT)
    return path(
        "reports:organisation_entries",
        query={
            "visning": "gross",
            "fra": year,
            "til": year,
            "enhet": unit_id,
            "prosjekt": project_id,
            "rolle": "giver" if kind is Kind.WASTE and unit_id else "receiver",
            "kilder": [each.value for each in FIVE_SOURCES] if is_share else None,
        },
    )
