"""Which event tells whom: one of the composition root's tables, in a file of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

import app.costs.service_book
import app.handovers.service_kept
import app.handovers.service_sold
import app.ledger.service
import app.ledger.service_income
import app.marketplace.service_kept
import app.marketplace.service_outside
import app.marketplace.service_sale
import app.needs.service_allocation
import app.planning.service_frame
import app.planning.service_kept
import app.planning.service_listed
import app.projects.service_gone
import app.projects.service_release
import app.reports.service_frozen
import app.workshop.service_component
import app.workshop.service_kept
from app.catalogue.events import ProductModelEdited
from app.handovers.events import PieceHandedOver, PieceReceived, PieceReturned, RunFinished
from app.impact.events import ExchangeRateRecorded
from app.inbox import events as inbox
from app.items.events import (
    CodeBound,
    ItemBackFromWorkshop,
    ItemDeleted,
    ItemDismantled,
    ItemEdited,
    ItemFound,
    ItemFoundReported,
    ItemGivenBack,
    ItemIdentified,
    ItemLeft,
    ItemMerged,
    ItemMissed,
    ItemMoved,
    ItemPickedUp,
    ItemReceived,
    ItemRestored,
    ItemReturned,
    ItemSentToWorkshop,
    ItemTakenIntoUse,
    LabelReplaced,
)
from app.kit.work import Subscriber
from app.marketplace import events as market
from app.marketplace import events_approval as leading
from app.marketplace import events_exchange as exchanging
from app.marketplace import events_hold as holding
from app.marketplace import events_public as selling
from app.marketplace import events_return as returning
from app.marketplace import search_rows
from app.needs import events as needs
from app.networks import events as networks
from app.notices import (
    subscribers,
    subscribers_buyers,
    subscribers_inbox,
    subscribers_needs,
    subscribers_outside,
    subscribers_plan,
    subscribers_requests,
    subscribers_workshop,
)
from app.planning import events as planning
from app.projects import events as project
from app.workshop import events as workshop

SUBSCRIBERS: Mapping[type[Any], Sequence[Subscriber]] = {
    ItemMissed: (
        app.marketplace.service_kept.keep_offered,
        app.handovers.service_kept.keep_on_its_way,
        app.planning.service_kept.on_gone,
        search_rows.on_piece,
    ),
    ItemSentToWorkshop: (app.marketplace.service_kept.keep_offered, search_rows.on_piece),
    **dict.fromkeys(
        (ItemDeleted, ItemMerged),
        (
            app.marketplace.service_kept.keep_offered,
            app.handovers.service_kept.keep_counted,
            app.projects.service_release.keep_off,
            app.planning.service_kept.on_gone,
            search_rows.on_piece,
        ),
    ),
    ItemFoundReported: (subscribers.on_found,),
    ItemTakenIntoUse: (app.planning.service_kept.on_gone,),
    inbox.CaseAssigned: (subscribers_inbox.on_assigned,),
    inbox.CaseClosed: (subscribers_inbox.on_closed,),
    inbox.CaseNoted: (subscribers_inbox.on_noted,),
    inbox.CaseReceived: (subscribers_inbox.on_received,),
    inbox.SiteVisitCancelled: (subscribers_inbox.on_visit_cancelled,),
    inbox.SiteVisitMoved: (subscribers_inbox.on_visit_moved,),
    inbox.SiteVisitPlanned: (subscribers_inbox.on_visit_planned,),
    leading.LeaderApproved: (subscribers_requests.on_leader_approved,),
    leading.LeaderAsked: (subscribers_requests.on_leader_asked,),
    leading.LeaderRefused: (subscribers_requests.on_leader_refused,),
    leading.RequestPassedOn: (subscribers_requests.on_passed_on,),
    **dict.fromkeys(
        networks.ENDS,
        (app.marketplace.service_outside.end_shared, subscribers_outside.on_network),
    ),
    **dict.fromkeys(networks.NEWS, (subscribers_outside.on_network,)),
    **dict.fromkeys(market.OUTSIDE_ASKED, (subscribers_outside.on_asked,)),
    market.OutsideMessagePosted: (subscribers_outside.on_message,),
    **dict.fromkeys(market.OUTSIDE_ANSWERED, (subscribers_outside.on_answered,)),
    market.ListingDeadlineNear: (subscribers.on_deadline,),
    market.MessagePosted: (subscribers.on_message,),
    project.ItemReleaseEdited: (
        app.needs.service_allocation.on_edited,
        app.planning.service_kept.on_release_edited,
        app.planning.service_listed.on_release_edited,
    ),
    project.ItemReleaseCancelled: (
        app.needs.service_allocation.on_cancelled,
        app.planning.service_kept.on_release_cancelled,
    ),
    project.LineFulfilled: (
        app.planning.service_frame.hold_limited,
        app.planning.service_kept.on_fulfilled,
    ),
    planning.PlanAllocationEnded: (subscribers_plan.on_plan_ended,),
    planning.PlanAllocationMoved: (subscribers_plan.on_plan_moved,),
    planning.RequestDayMoved: (subscribers_plan.on_request_day_moved,),
    project.ItemReleaseGone: (app.needs.service_allocation.on_gone,),
    project.ItemReleaseReturned: (
        app.needs.service_allocation.on_returned,
        app.planning.service_kept.on_release_returned,
    ),
    project.ProgrammeLineEdited: (app.planning.service_kept.on_line_edited,),
    project.ProgrammeLineCancelled: (
        app.needs.service_allocation.on_line_cancelled,
        app.planning.service_kept.on_line_cancelled,
    ),
    needs.NeedAllocationEnded: (subscribers_needs.on_allocation_ended,),
    needs.LadderStepDecided: (subscribers_needs.on_ladder,),
    workshop.SupplierOrderApprovalAsked: (subscribers_workshop.on_asked,),
    workshop.SupplierOrderApproved: (subscribers_workshop.on_approved,),
    workshop.SupplierOrderDone: (
        app.costs.service_book.book_delivered,
        subscribers_workshop.on_done,
    ),
    workshop.SupplierOrderInvoiced: (
        app.ledger.service.book_invoiced,
        app.costs.service_book.book_invoiced,
    ),
    workshop.SupplierOrderReopened: (app.costs.service_book.book_reopened,),
    needs.NeedMatched: (subscribers_needs.on_need_matched,),
    needs.NeedSubmitted: (subscribers_needs.on_need,),
    needs.WishMatched: (subscribers_needs.on_wish_matched,),
    PieceHandedOver: (subscribers.on_handed_over,),
    project.ProjectEnded: (
        app.planning.service_frame.refuse_unfinished,
        app.planning.service_kept.on_project_ended,
        app.reports.service_frozen.on_ended,
    ),
    ExchangeRateRecorded: (app.ledger.service.book_rated,),
    PieceReceived: (
        app.planning.service_frame.keep_to_budget,
        app.planning.service_kept.on_received,
        app.workshop.service_kept.on_received,
        app.ledger.service.book_received,
        app.costs.service_book.book_received,
        subscribers.on_received,
    ),
    PieceReturned: (
        app.ledger.service.book_returned,
        app.costs.service_book.book_returned,
        app.workshop.service_kept.on_returned,
    ),
    RunFinished: (
        app.ledger.service.book_run_finished,
        app.costs.service_book.book_run_finished,
    ),
    ProductModelEdited: (search_rows.on_model,),
    market.RequestCancelled: (search_rows.on_request, subscribers.on_cancelled),
    market.RequestLineApproved: (search_rows.on_line, subscribers.on_answered),
    market.RequestLineDeclined: (search_rows.on_line, subscribers.on_answered),
    holding.RequestLineHoldEnding: (subscribers_requests.on_hold_ending,),
    holding.RequestLineHoldExpired: (
        search_rows.on_line,
        subscribers_requests.on_hold_expired,
    ),
    holding.RequestLineHoldExtended: (subscribers_requests.on_hold_extended,),
    exchanging.RequestLineExchanged: (
        search_rows.on_line,
        subscribers_requests.on_exchanged,
    ),
    **dict.fromkeys(
        (exchanging.ItemExchangedAway, exchanging.ItemExchangedFor), (search_rows.on_piece,)
    ),
    market.RequestLineOfferAccepted: (subscribers.on_offer_accepted,),
    market.RequestLineOfferDeclined: (search_rows.on_line, subscribers.on_offer_declined),
    market.RequestLineOfferExpired: (search_rows.on_line, subscribers.on_offer_expired),
    market.RequestLineOffered: (search_rows.on_line, subscribers.on_offered),
    returning.RequestLineReturned: (subscribers_requests.on_pieces_returned,),
    market.RequestLineMadeReady: (subscribers.on_made_ready,),
    market.RequestSubmitted: (subscribers.on_submitted,),
    **dict.fromkeys(market.ON_LISTINGS, (search_rows.on_listing,)),
    **dict.fromkeys(
        (market.ListingEnded, market.ListingLapsed, market.ListingWithdrawn),
        (
            search_rows.on_listing,
            app.marketplace.service_outside.end_listed,
            app.marketplace.service_sale.decline_ended,
        ),
    ),
    selling.BuyerHandedOver: (
        app.handovers.service_sold.on_fetched,
        app.ledger.service_income.on_sold,
    ),
    selling.BuyerNotFetched: (
        app.handovers.service_sold.on_not_fetched,
        app.ledger.service_income.on_not_fetched,
    ),
    **dict.fromkeys(selling.TO_BUYER, (subscribers_buyers.on_step,)),
    **dict.fromkeys(selling.TO_GIVER, (subscribers_buyers.on_asked,)),
    ItemPickedUp: (
        app.workshop.service_kept.keep_at_supplier,
        app.workshop.service_component.keep_on,
        app.projects.service_gone.mark_gone,
        search_rows.on_piece,
    ),
    ItemDismantled: (
        app.workshop.service_kept.keep_at_supplier,
        app.workshop.service_component.keep_on,
        app.projects.service_gone.mark_gone,
        app.planning.service_kept.on_gone,
        search_rows.on_piece,
    ),
    ItemLeft: (
        app.workshop.service_component.keep_on,
        app.projects.service_gone.mark_gone,
        app.planning.service_kept.on_gone,
        search_rows.on_piece,
    ),
    ItemBackFromWorkshop: (app.workshop.service_kept.keep_at_supplier, search_rows.on_piece),
    **dict.fromkeys(
        (ItemGivenBack, ItemReturned),
        (
            app.projects.service_gone.mark_returned,
            app.workshop.service_component.follow,
            search_rows.on_piece,
        ),
    ),
    ItemRestored: (app.projects.service_gone.mark_returned, search_rows.on_piece),
    **dict.fromkeys(
        (ItemMoved, ItemReceived), (app.workshop.service_component.follow, search_rows.on_piece)
    ),
    **dict.fromkeys(
        (
            CodeBound,
            ItemEdited,
            ItemFound,
            ItemIdentified,
            LabelReplaced,
        ),
        (search_rows.on_piece,),
    ),
}
"""Event → who is told, in the same transaction."""
