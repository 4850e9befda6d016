"""What must still hold as an order is sent: the quote that was chosen, and the budgets."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.queries_supplier import supplier_of
from app.kit.db import clock_of
from app.kit.errors import Conflict
from app.kit.i18n import N_, gettext, money_exact
from app.needs.models import Need, NeedLine
from app.projects.models import ProgrammeLine, Project
from app.workshop.models import Quote, SupplierOrder
from app.workshop.queries import quotes_of
from app.workshop.queries_spent import bound_by_project
from app.workshop.rules import AT_SUPPLIER, OrderState


class OverBudget(Conflict):
    title = N_("Tilbudet er over rammen.")


class QuoteOver(Conflict):
    """What was chosen is no offer any more."""

    title = N_("Tilbudet gjelder ikke lenger. Velg et annet, eller be om et nytt.")


def require_standing_quote(session: Session, actor: Actor, order: SupplierOrder) -> None:
    """Raises ``QuoteOver`` for a quote that has lapsed, and a supplier that has ended."""
    quote = session.scalars(quotes_of(actor, [order.id]).where(Quote.chosen_at.is_not(None))).one()
    today = clock_of(session).today()
    has_lapsed = quote.valid_until is not None and quote.valid_until < today
    if has_lapsed or supplier_of(session, actor, quote.supplier_id).ended_on is not None:
        raise QuoteOver


def require_budget(session: Session, actor: Actor, order: SupplierOrder, price_ore: int) -> None:
    """Neither the need's budget is passed nor a project's that is a limit.

    What has been spent counts, and what suppliers are to have. Raises ``OverBudget``.
    """
    if order.need_line_id is not None:
        _require_budget_of_need(session, actor, order, price_ore)
    if order.programme_line_id is None:
        return
    of_line = (ProgrammeLine.org_id == Project.org_id) & (ProgrammeLine.project_id == Project.id)
    project = session.scalars(
        select(Project)
        .join(ProgrammeLine, of_line)
        .where(ProgrammeLine.org_id == actor.org_id, ProgrammeLine.id == order.programme_line_id)
        # two orders of one project are sent one after the other, or both would fit alone
        .with_for_update(of=Project)
    ).one()
    if project.budget_is_limit:
        bound = bound_by_project(session, actor.org_id, project.id)
        _within(actor, price_ore + bound, project.budget_ore)


def _require_budget_of_need(
    session: Session, actor: Actor, order: SupplierOrder, price_ore: int
) -> None:
    of_need = (NeedLine.org_id == Need.org_id) & (NeedLine.need_id == Need.id)
    need = session.scalars(
        select(Need)
        .join(NeedLine, of_need)
        .where(Need.org_id == actor.org_id, NeedLine.id == order.need_line_id)
        .with_for_update(of=Need)
    ).one()
    ordered = session.scalar(
        select(func.sum(func.coalesce(SupplierOrder.invoiced_ore, SupplierOrder.price_ore)))
        .join(
            NeedLine,
            (NeedLine.org_id == SupplierOrder.org_id) & (NeedLine.id == SupplierOrder.need_line_id),
        )
        .where(
            NeedLine.org_id == actor.org_id,
            NeedLine.need_id == need.id,
            SupplierOrder.state.in_((*AT_SUPPLIER, OrderState.DONE)),
        )
    )
    _within(actor, price_ore + int(ordered or 0), need.budget_ore)


def _within(actor: Actor, spent_ore: int, budget_ore: int | None) -> None:
    if budget_ore is not None and spent_ore > budget_ore:
        raise OverBudget(
            gettext(
                "Rammen er %(budget)s, og med dette oppdraget blir det %(spent)s.",
                budget=money_exact(budget_ore, actor.currency),
                spent=money_exact(spent_ore, actor.currency),
            )
        )
