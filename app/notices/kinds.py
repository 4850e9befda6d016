"""What people are told of: one row for each kind, which letters, digest, list and choices share.

A new kind is a row here, its three texts under ``templates/email/<kind>/``, and a call of
``service.tell``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.kit.i18n import N_


class Delivery(StrEnum):
    """How a person wants to be told. Whatever is not ``OFF`` also stands in the program's list."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    PRODUCT = "product"
    OFF = "off"


class Act(StrEnum):
    """What a link answers."""

    ANSWER_REQUEST = "answer_request"
    ANSWER_AS_LEADER = "answer_as_leader"
    ANSWER_OFFER = "answer_offer"
    DECIDE_PURCHASE = "decide_purchase"


class Group(StrEnum):
    """What a digest and the choices gather under one heading."""

    ASKED = "asked"
    ORDERS = "orders"
    NEEDS = "needs"
    CASES = "cases"
    PIECES = "pieces"


GROUPS: Mapping[Group, str] = {
    Group.ASKED: N_("Venter på svar fra deg"),
    Group.ORDERS: N_("Bestillinger og overleveringer"),
    Group.NEEDS: N_("Behov og ønsker"),
    Group.CASES: N_("Henvendelser og befaringer"),
    Group.PIECES: N_("Møblene deres"),
}
"""In the order in which they are read."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``path`` is the page it is about, with ``{id}`` where the subject's id belongs.

    Who ``is_asked`` for an act that has to be done in time can not turn the notice off. ``act`` is
    what can be answered from the letter itself, without signing in.
    """

    label: str
    path: str
    group: Group
    is_asked: bool = False
    delivery: Delivery = Delivery.AT_ONCE
    act: Act | None = None

    def leads_to(self, subject_id: UUID) -> str:
        return self.path.replace("{id}", str(subject_id))


_REQUEST, _HANDOVER, _NEED = "/bestillinger/{id}", "/overleveringer/{id}", "/behov/{id}"
_CASE, _ORDER = "/henvendelser/{id}", "/oppdrag/{id}"

KINDS: Mapping[str, Kind] = {
    "request_submitted": Kind(
        N_("Noen ber om møbler jeg avgjør over"),
        "/godkjenning",
        Group.ASKED,
        is_asked=True,
        act=Act.ANSWER_REQUEST,
    ),
    "leader_asked": Kind(
        N_("Noen i enheten min vil bestille, og jeg må si ja først"),
        _REQUEST,
        Group.ASKED,
        is_asked=True,
        act=Act.ANSWER_AS_LEADER,
    ),
    "piece_offered": Kind(
        N_("Et møbel jeg venter på, er ledig for meg"),
        _REQUEST,
        Group.ASKED,
        is_asked=True,
        act=Act.ANSWER_OFFER,
    ),
    "purchase_to_decide": Kind(
        N_("Jeg må avgjøre om noe skal kjøpes nytt"),
        _NEED,
        Group.ASKED,
        is_asked=True,
        act=Act.DECIDE_PURCHASE,
    ),
    "need_matched": Kind(
        N_("Det er kommet noe som kan dekke et behov jeg har meldt"),
        _NEED,
        Group.NEEDS,
        delivery=Delivery.DAILY,
    ),
    "allocation_ended": Kind(
        N_("Noe som var satt av til et behov jeg har meldt, kommer ikke likevel"),
        _NEED,
        Group.NEEDS,
    ),
    "plan_ended": Kind(
        N_("Noe jeg har satt av til et prosjekt, kommer ikke likevel"),
        "/prosjekter/{id}/plan",
        Group.NEEDS,
    ),
    "plan_moved": Kind(
        N_("Noe jeg har satt av til et prosjekt, blir ledig en annen dag"),
        "/prosjekter/{id}/plan",
        Group.NEEDS,
    ),
    "wish_matched": Kind(
        N_("Det er kommet noe jeg har ønsket meg"),
        "/onsker/{id}",
        Group.NEEDS,
        delivery=Delivery.DAILY,
    ),
    "need_submitted": Kind(N_("Noen i enheten har meldt et behov"), _NEED, Group.NEEDS),
    "pieces_on_the_way": Kind(
        N_("Møbler er på vei til meg, og mottaket skal bekreftes"),
        _HANDOVER,
        Group.ASKED,
        is_asked=True,
    ),
    "request_answered": Kind(N_("Bestillingen min er besvart"), _REQUEST, Group.ORDERS),
    "leader_approved": Kind(N_("Lederen min har sagt ja"), _REQUEST, Group.ORDERS),
    "leader_refused": Kind(N_("Lederen min har sagt nei"), _REQUEST, Group.ORDERS),
    "hold_ending": Kind(
        N_("Noe som holdes av, må hentes snart"), _REQUEST, Group.ASKED, is_asked=True
    ),
    "hold_extended": Kind(N_("Noe holdes av lenger for meg"), _REQUEST, Group.ORDERS),
    "hold_expired": Kind(N_("Noe ble ikke hentet i tide"), _REQUEST, Group.ORDERS),
    "piece_exchanged": Kind(N_("Et møbel er byttet i et likt"), _REQUEST, Group.ORDERS),
    "request_day_moved": Kind(
        N_("Noe jeg har bestilt, blir ledig en annen dag"), _REQUEST, Group.ORDERS
    ),
    "request_ready": Kind(N_("Bestillingen min står klar"), _REQUEST, Group.ORDERS),
    "request_cancelled": Kind(N_("En bestilling er trukket tilbake"), _REQUEST, Group.ORDERS),
    "message_posted": Kind(N_("Ny melding på en bestilling"), _REQUEST, Group.ORDERS),
    "offer_accepted": Kind(N_("Noen på ventelisten har takket ja"), _REQUEST, Group.ORDERS),
    "offer_declined": Kind(N_("Noen på ventelisten har takket nei"), _REQUEST, Group.ORDERS),
    "offer_expired": Kind(N_("Fristen for et tilbud er ute"), _REQUEST, Group.ORDERS),
    "pieces_received": Kind(N_("Det vi ga fra oss, er kommet frem"), _HANDOVER, Group.ORDERS),
    "pieces_returned": Kind(N_("Noe som var mottatt, er levert tilbake"), _REQUEST, Group.ORDERS),
    "case_assigned": Kind(N_("En henvendelse er gitt til meg"), _CASE, Group.CASES),
    "case_new": Kind(N_("Det er kommet en ny henvendelse"), _CASE, Group.CASES),
    "case_written": Kind(N_("Noen har skrevet i en henvendelse jeg har"), _CASE, Group.CASES),
    "case_received": Kind(N_("Henvendelsen min er tatt imot"), _CASE, Group.CASES),
    "case_replied": Kind(N_("Henvendelsen min er besvart"), _CASE, Group.CASES),
    "case_closed": Kind(N_("Henvendelsen min er avsluttet"), _CASE, Group.CASES),
    "visit_planned": Kind(N_("En befaring er avtalt"), _CASE, Group.CASES),
    "visit_moved": Kind(N_("En befaring er flyttet"), _CASE, Group.CASES),
    "visit_cancelled": Kind(N_("En befaring er avlyst"), _CASE, Group.CASES),
    "outside_asked": Kind(
        N_("En annen virksomhet ber om møbler vi har"),
        "/marked/utenfra",
        Group.ASKED,
        is_asked=True,
    ),
    "outside_answered": Kind(
        N_("En annen virksomhet har svart på bestillingen vår"), "/marked/andre", Group.ORDERS
    ),
    "buyer_asked": Kind(
        N_("Noen utenfor virksomheten vil kjøpe eller få møbler vi har"),
        "/marked/kjopere/{id}",
        Group.ASKED,
        is_asked=True,
    ),
    "supplier_order_asked": Kind(
        N_("Et oppdrag til en leverandør venter på at jeg sier ja til prisen"),
        _ORDER,
        Group.ASKED,
        is_asked=True,
    ),
    "supplier_order_approved": Kind(
        N_("Prisen på et oppdrag jeg har laget, er godkjent"), _ORDER, Group.ORDERS
    ),
    "supplier_order_done": Kind(
        N_("Et oppdrag for et behov jeg har meldt, er levert"), _NEED, Group.NEEDS
    ),
    "network_news": Kind(N_("Noe er nytt i et nettverk vi er med i"), "/nettverk", Group.ORDERS),
    "listing_deadline": Kind(N_("Fristen for en annonse nærmer seg"), "/marked/{id}", Group.PIECES),
    "piece_found": Kind(N_("Noen har meldt om et møbel"), "/funnmeldinger", Group.PIECES),
}
