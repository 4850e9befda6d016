"""What a network has saved together, and whether one's own savings are in it."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.impact.rules import View
from app.kit import i18n
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.web import Db
from app.ledger.queries_network import NetworkSavings, NetworkTotal, network_savings
from app.ledger.wording import VIEW_MEANING, VIEWS, about_mass, about_money
from app.networks.service import ShareSavings, share_savings

router = APIRouter(prefix="/nettverk/{network_id}/besparelser")

ShareForm = Annotated[Submission[ShareSavings], Depends(submitted(ShareSavings))]
Year = Annotated[int | None, Query(alias="ar", ge=1900, le=2999)]


@router.get("", name="network_savings:show")
def show(
    request: Request, network_id: UUID, actor: SignedIn, db: Db, year: Year = None
) -> Response:
    with db.read() as session:
        found = network_savings(session, actor, network_id, year)
        return page(
            request,
            "ledger/network.html",
            network=found.network,
            is_sharing=found.member.shares_savings,
            members=found.members,
            year=year,
            years=[
                (
                    each,
                    url(request, "network_savings:show", query={"ar": each}, network_id=network_id),
                )
                for each in found.years
            ],
            all_href=url(request, "network_savings:show", network_id=network_id),
            views=[_shown(view, found.views[view]) for view in View],
            internal=_internal(found),
            may_edit=actor.may_everywhere(Permission.ORGANISATION_EDIT)
            and found.network.ended_at is None,
            key=str(uuid4()),
            twin=url(
                request, "api:network_savings:get", query={"year": year}, network_id=network_id
            ),
        )


@router.post("/del", name="network_savings:share")
def share(request: Request, network_id: UUID, form: ShareForm, actor: SignedIn, db: Db) -> Response:
    command = form.valid(network_id=network_id)
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            [command],
            lambda: [str(share_savings(session, actor, command).id)],
        )
    message = gettext(
        N_("Besparelsene deres er med i nettverkets.")
        if command.shares_savings
        else N_("Besparelsene deres er ikke lenger med i nettverkets.")
    )
    return redirect(request, "network_savings:show", message=message, network_id=network_id)


def _shown(view: View, total: NetworkTotal) -> dict[str, Any]:
    return {
        "view": gettext(VIEWS[view]),
        "meaning": gettext(VIEW_MEANING[view]),
        "co2e": about_mass(total.co2e_g),
        "is_calculated": total.uses > total.not_calculated,
        "waste": about_mass(total.waste_g),
        "chain_waste": about_mass(total.value_chain_waste_g)[0],
        "saved": [about_money(each, currency) for currency, each in total.saved_ore.items()],
        "uses": total.uses,
        "not_calculated": total.not_calculated,
        "unpriced": total.unpriced,
    }


def _internal(found: NetworkSavings) -> dict[str, Any]:
    return {
        "uses": found.internal_uses,
        "sales": found.internal_sales,
        "amounts": [i18n.money_ore(ore, currency) for currency, ore in found.internal_ore.items()],
    }
