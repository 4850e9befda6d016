"""What states, answers and events are called where people read them."""

from collections.abc import Mapping

from app.impact.rules import WouldHave
from app.items.rules import Condition
from app.kit.i18n import N_
from app.marketplace.commands_look import Available, Sort, Within
from app.marketplace.rules import (
    ListingState,
    OutsideState,
    PriorityClass,
    RefusalReason,
    ReservationState,
    ReturnReason,
    Stage,
    Terms,
)
from app.marketplace.traits import Colour, Material

S = ReservationState

COLOURS: Mapping[Colour, str] = {
    Colour.WHITE: N_("Hvit"),
    Colour.GREY: N_("Grå"),
    Colour.BLACK: N_("Svart"),
    Colour.BEIGE: N_("Beige"),
    Colour.BROWN: N_("Brun"),
    Colour.WOOD: N_("Trefarget"),
    Colour.RED: N_("Rød"),
    Colour.ORANGE: N_("Oransje"),
    Colour.YELLOW: N_("Gul"),
    Colour.GREEN: N_("Grønn"),
    Colour.BLUE: N_("Blå"),
    Colour.PURPLE: N_("Lilla"),
    Colour.PINK: N_("Rosa"),
    Colour.METAL: N_("Metallfarget"),
    Colour.CLEAR: N_("Gjennomsiktig"),
    Colour.OTHER: N_("Annen farge"),
}
MATERIALS: Mapping[Material, str] = {
    Material.WOOD: N_("Tre"),
    Material.LAMINATE: N_("Laminat"),
    Material.METAL: N_("Metall"),
    Material.TEXTILE: N_("Tekstil"),
    Material.LEATHER: N_("Skinn"),
    Material.VINYL: N_("Kunstskinn"),
    Material.PLASTIC: N_("Plast"),
    Material.GLASS: N_("Glass"),
    Material.OTHER: N_("Annet materiale"),
}
PAID: Mapping[Terms, str] = {
    Terms.FREE: N_("Gratis"),
    Terms.PRICE: N_("Fast pris"),
    Terms.OFFERS: N_("Etter bud"),
}
AVAILABLE: Mapping[Available, str] = {
    Available.NOW: N_("Nå"),
    Available.SOON: N_("Innen fire uker"),
}
WITHIN: Mapping[Within, str] = {
    Within.BUILDING: N_("Samme bygg"),
    Within.KM_1: N_("Innen 1 km"),
    Within.KM_5: N_("Innen 5 km"),
    Within.KM_20: N_("Innen 20 km"),
}
SORTS: Mapping[Sort, str] = {
    Sort.RELEVANCE: N_("Beste treff"),
    Sort.NEWEST: N_("Nyeste"),
    Sort.NEAREST: N_("Nærmest"),
    Sort.SAVING: N_("Størst klimagevinst"),
}

CONDITIONS: Mapping[Condition, str] = {
    Condition.A: N_("Som ny"),
    Condition.B: N_("God"),
    Condition.C: N_("Slitt"),
    Condition.D: N_("Skadet"),
}
RESERVATIONS: Mapping[ReservationState, str] = {
    S.REQUESTED: N_("Venter på svar"),
    S.WAITING: N_("På venteliste"),
    S.OFFERED: N_("Tilbudt"),
    S.APPROVED: N_("Godkjent"),
    S.READY: N_("Klar til henting"),
    S.PICKED_UP: N_("På vei"),
    S.RECEIVED: N_("Mottatt"),
    S.DECLINED: N_("Avslått"),
    S.CANCELLED: N_("Avbestilt"),
    S.EXPIRED: N_("Utløpt"),
}
RESERVATION_TONES: Mapping[ReservationState, str] = {
    S.REQUESTED: "info",
    S.WAITING: "warning",
    S.OFFERED: "warning",
    S.APPROVED: "success",
    S.READY: "success",
    S.PICKED_UP: "accent",
    S.RECEIVED: "accent",
    S.DECLINED: "danger",
}
PRIORITIES: Mapping[PriorityClass, str] = {
    PriorityClass.OWN_UNIT: N_("Egen enhet"),
    PriorityClass.ORGANISATION: N_("Egen virksomhet"),
    PriorityClass.NETWORK: N_("Nettverket"),
    PriorityClass.EXTERNAL: N_("Utenfra"),
}
LISTINGS: Mapping[ListingState, str] = {
    ListingState.DRAFT: N_("Utkast"),
    ListingState.OPEN: N_("På markedet"),
    ListingState.ENDED: N_("Avsluttet"),
    ListingState.WITHDRAWN: N_("Trukket tilbake"),
}
STAGES: Mapping[Stage, str] = {
    Stage.UNIT: N_("Egen enhet"),
    Stage.ORGANISATION: N_("Hele virksomheten"),
    Stage.NETWORK: N_("Nettverket"),
    Stage.PUBLIC: N_("Alle"),
}
SEEN_NOW: Mapping[Stage, str] = {
    Stage.UNIT: N_("Vises bare for egen enhet"),
    Stage.ORGANISATION: N_("Vises for hele virksomheten"),
    Stage.NETWORK: N_("Vises for nettverket"),
    Stage.PUBLIC: N_("Vises for alle"),
}
SEEN_NEXT: Mapping[Stage, str] = {
    Stage.UNIT: N_("egen enhet ser den fra %(day)s"),
    Stage.ORGANISATION: N_("hele virksomheten ser den fra %(day)s"),
    Stage.NETWORK: N_("nettverket ser den fra %(day)s"),
    Stage.PUBLIC: N_("alle ser den fra %(day)s"),
}
OUTSIDE: Mapping[OutsideState, str] = {
    OutsideState.REQUESTED: N_("Venter på svar"),
    OutsideState.WAITING: N_("På venteliste"),
    OutsideState.OFFERED: N_("Tilbudt"),
    OutsideState.APPROVED: N_("Godkjent"),
    OutsideState.HANDED_OVER: N_("På vei"),
    OutsideState.RECEIVED: N_("Mottatt"),
    OutsideState.DECLINED: N_("Avslått"),
    OutsideState.CANCELLED: N_("Trukket"),
}
OUTSIDE_TONES: Mapping[OutsideState, str] = {
    OutsideState.REQUESTED: "info",
    OutsideState.WAITING: "warning",
    OutsideState.OFFERED: "warning",
    OutsideState.APPROVED: "success",
    OutsideState.HANDED_OVER: "accent",
    OutsideState.RECEIVED: "success",
    OutsideState.DECLINED: "danger",
}
TERMS: Mapping[Terms, str] = {
    Terms.FREE: N_("Gratis"),
    Terms.PRICE: N_("Pris per stykk"),
    Terms.OFFERS: N_("Gi bud"),
}
WOULD_HAVE: Mapping[WouldHave, str] = {
    WouldHave.WOULD_BUY_NEW: N_("Ja, vi ville kjøpt nytt"),
    WouldHave.WOULD_BUY_USED: N_("Nei, vi ville kjøpt brukt"),
    WouldHave.WOULD_DO_WITHOUT: N_("Nei, vi ville klart oss uten"),
    WouldHave.NOT_ANSWERED: N_("Vet ikke"),
}
REFUSALS: Mapping[RefusalReason, str] = {
    RefusalReason.NEEDED_HERE: N_("Vi trenger dem selv"),
    RefusalReason.PROMISED: N_("De er lovet bort"),
    RefusalReason.CONDITION: N_("De er ikke gode nok"),
    RefusalReason.NOT_SUITED: N_("De passer ikke til dette"),
    RefusalReason.GONE: N_("De finnes ikke lenger"),
    RefusalReason.OTHER: N_("Annet"),
    RefusalReason.WITHDRAWN: N_("Annonsen ble trukket tilbake"),
    RefusalReason.LAPSED: N_("Annonsen gikk ut"),
}
RETURNS: Mapping[ReturnReason, str] = {
    ReturnReason.WRONG_PIECE: N_("Feil møbel"),
    ReturnReason.DAMAGED: N_("Skadet, eller mer slitt enn ventet"),
    ReturnReason.DOES_NOT_FIT: N_("Passer ikke der det skulle stå"),
    ReturnReason.NOT_NEEDED: N_("Trengs ikke likevel"),
    ReturnReason.OTHER: N_("Annet"),
}
ANSWERS = (
    ("approved", N_("godkjent: %(approved)s")),
    ("waiting", N_("på venteliste: %(waiting)s")),
    ("declined", N_("avslått: %(declined)s")),
)
"""The parts of ``request-line-approved`` that stand in the history, each where it is not 0."""

EVENTS: Mapping[str, tuple[str, str]] = {
    "request-submitted": (N_("Bestillingen ble sendt: %(pieces)s stykk"), "order"),
    "request-line-approved": (N_("Svart"), "check"),
    "request-line-declined": (N_("Avslått: %(declined)s stykk"), "close"),
    "request-line-offered": (N_("Ledig for den som ventet: %(pieces)s stykk"), "clock"),
    "request-line-offer-accepted": (N_("Tilbudet ble tatt imot: %(pieces)s stykk"), "check"),
    "request-line-offer-declined": (N_("Takket nei til tilbudet: %(pieces)s stykk"), "close"),
    "request-line-offer-expired": (N_("Ingen svarte innen fristen: %(pieces)s stykk"), "clock"),
    "request-line-made-ready": (N_("Klart til henting: %(pieces)s stykk"), "handover"),
    "leader-asked": (N_("Sendt til leder for godkjenning: %(pieces)s stykk"), "clock"),
    "leader-approved": (N_("Godkjent av leder"), "check"),
    "leader-refused": (N_("Avslått av leder: %(pieces)s stykk"), "close"),
    "request-passed-on": (N_("Sendt videre til giveren: %(pieces)s stykk"), "order"),
    "request-line-hold-ending": (N_("Minnet om fristen %(until)s: %(pieces)s stykk"), "clock"),
    "request-line-hold-extended": (N_("Holdes av til %(until)s: %(pieces)s stykk"), "clock"),
    "request-line-hold-expired": (N_("Ikke hentet innen fristen: %(pieces)s stykk"), "clock"),
    "request-line-exchanged": (N_("Et møbel ble byttet med et av samme slag"), "handover"),
    "request-line-returned": (N_("Levert tilbake: %(pieces)s stykk"), "history"),
    "request-cancelled": (N_("Avbestilt: %(pieces)s stykk"), "close"),
    "request-closed": (N_("Bestillingen er ferdig"), "check"),
    "request-reopened": (N_("Bestillingen er åpen igjen"), "history"),
}
"""What stands in a request's history: text with the event's amounts, and icon."""

LISTING_EVENTS: Mapping[str, tuple[str, str]] = {
    "listing-opened": (N_("Lagt ut på markedet: %(pieces)s stykk"), "market"),
    "listing-changed": (N_("Frist eller trinn ble endret"), "edit"),
    "listing-stage-reached": (N_("Vises nå for: %(stage)s"), "people"),
    "listing-deadline-near": (N_("Påminnelse om siste dag, %(until_date)s"), "clock"),
    "listing-lapsed": (
        N_("Avsluttet fordi siste dag er over. Avslått: %(declined)s stykk"),
        "calendar",
    ),
    "listing-ended": (N_("Avsluttet: det siste møbelet er hentet"), "check"),
    "listing-withdrawn": (N_("Trukket tilbake. Avslått: %(declined)s stykk"), "close"),
    "listing-relisted": (N_("Lagt ut på nytt: %(pieces)s stykk"), "history"),
    "listing-rules-set": (N_("Trinnene ble endret"), "edit"),
    "public-terms-set": (N_("Vilkårene på den åpne siden ble endret"), "edit"),
    "public-market-set": (N_("Den åpne siden ble endret"), "edit"),
}
"""What stands in a listing's history, and in that of the organisation's rules for listings."""
