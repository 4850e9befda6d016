"""What the states and events of buyers are called where people read them."""

from collections.abc import Mapping

from app.kit.i18n import N_
from app.marketplace.rules_public import BuyerState

BUYERS: Mapping[BuyerState, str] = {
    BuyerState.UNCONFIRMED: N_("Ikke bekreftet"),
    BuyerState.REQUESTED: N_("Venter på svar"),
    BuyerState.WAITING: N_("På venteliste"),
    BuyerState.OFFERED: N_("Tilbudt"),
    BuyerState.APPROVED: N_("Avtalt"),
    BuyerState.HANDED_OVER: N_("Hentet"),
    BuyerState.DECLINED: N_("Avslått"),
    BuyerState.CANCELLED: N_("Trukket"),
}
BUYER_TONES: Mapping[BuyerState, str] = {
    BuyerState.REQUESTED: "info",
    BuyerState.WAITING: "warning",
    BuyerState.OFFERED: "warning",
    BuyerState.APPROVED: "success",
    BuyerState.HANDED_OVER: "accent",
    BuyerState.DECLINED: "danger",
}
BUYER_EVENTS: Mapping[str, tuple[str, str]] = {
    "buyer-asked": (N_("Spurte om %(pieces)s stykk fra den åpne siden"), "message"),
    "buyer-confirmed": (N_("Bekreftet e-postadressen"), "check"),
    "buyer-approved": (N_("Ja til %(pieces)s stykk"), "check"),
    "buyer-declined": (N_("Nei til %(pieces)s stykk"), "close"),
    "buyer-withdrew": (N_("Trakk seg: %(pieces)s stykk"), "close"),
    "buyer-cancelled": (N_("Avtalen ble avbrutt: %(pieces)s stykk"), "close"),
    "buyer-waiting": (N_("På venteliste: %(pieces)s stykk"), "clock"),
    "buyer-offered": (N_("Ledig for kjøperen: %(pieces)s stykk"), "clock"),
    "buyer-accepted": (N_("Kjøperen takket ja: %(pieces)s stykk"), "check"),
    "buyer-expired": (N_("Kjøperen svarte ikke i tide: %(pieces)s stykk"), "clock"),
    "buyer-day-moved": (N_("Kjøperen fikk vite om ny dag: %(pieces)s stykk"), "calendar"),
    "buyer-handed-over": (N_("Hentet: %(pieces)s stykk"), "handover"),
    "buyer-not-fetched": (N_("Ikke hentet likevel: %(pieces)s stykk"), "history"),
}
"""What stands in the history of what a buyer asked for."""
