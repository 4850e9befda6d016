"""The words people read for goals."""

from collections.abc import Mapping

from app.goals.rules import Kind, Standing
from app.kit.i18n import N_

KINDS: Mapping[Kind, str] = {
    Kind.REUSE_SHARE: N_("Ombruksandel med kjøpt brukt"),
    Kind.REUSE_WITHOUT: N_("Ombruksandel uten kjøpt brukt"),
    Kind.WASTE: N_("Unngått avfall"),
    Kind.CO2E: N_("Unngått utslipp"),
    Kind.SAVED: N_("Spart"),
    Kind.ANSWERED: N_("Besvarte henvendelser"),
}
MEANINGS: Mapping[Kind, str] = {
    Kind.REUSE_SHARE: N_(
        "Møbler enheten fikk ved ombruk, redesign og kjøp av brukt, delt på alle den fikk."
    ),
    Kind.REUSE_WITHOUT: N_("Møbler enheten fikk ved ombruk og redesign, delt på alle den fikk."),
    Kind.WASTE: N_("Fra møbler som enheten ga fra seg til ombruk, brutto."),
    Kind.CO2E: N_("Fra møbler som enheten fikk i stedet for nye, brutto."),
    Kind.SAVED: N_("Fra møbler som enheten fikk i stedet for nye, brutto."),
    Kind.ANSWERED: N_("Enhetens henvendelser som er besvart eller avsluttet, delt på alle."),
}
STANDINGS: Mapping[Standing, tuple[str, str, str]] = {
    Standing.REACHED: (N_("Nådd"), "success", "check"),
    Standing.ON_COURSE: (N_("I rute"), "info", "arrow-right"),
    Standing.BEHIND: (N_("Bak målet"), "warning", "clock"),
    Standing.MISSED: (N_("Ikke nådd"), "danger", "history"),
    Standing.UNKNOWN: (N_("For tidlig å si"), "neutral", "clock"),
}
"""Word, tone and icon: the word says it without the colour."""
