"""The words people read for orders to suppliers."""

from collections.abc import Mapping

from app.impact.rules import RedesignLevel
from app.kit.i18n import N_
from app.workshop.rules import OrderState, Outcome

STATES: Mapping[OrderState, tuple[str, str]] = {
    OrderState.DRAFT: (N_("Under arbeid"), "warning"),
    OrderState.SENT: (N_("Sendt til leverandøren"), "info"),
    OrderState.CONFIRMED: (N_("Bekreftet"), "info"),
    OrderState.DONE: (N_("Levert"), "success"),
    OrderState.CANCELLED: (N_("Avlyst"), "neutral"),
}

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.CLEANED_OR_REPAIRED: N_("Rengjort eller reparert"),
    Outcome.REUPHOLSTERED_OR_REDESIGNED: N_("Trukket om eller redesignet"),
    Outcome.NOT_RETURNED: N_("ikke kommet tilbake"),
    Outcome.DISMANTLED: N_("Demontert til deler"),
}

LEVELS: Mapping[RedesignLevel, str] = {
    RedesignLevel.CLEANING: N_("Rengjort og strammet opp"),
    RedesignLevel.MINOR_PARTS: N_("Smådeler byttet, som hjul eller gassfjær"),
    RedesignLevel.LIGHT_REFURBISHMENT: N_("Lett oppussing av en stol"),
    RedesignLevel.REUPHOLSTERY: N_("Trukket om"),
    RedesignLevel.REMANUFACTURED: N_("Kontorstol bygd opp på nytt"),
    RedesignLevel.FULL_RENOVATION: N_("Full renovering"),
    RedesignLevel.NEW_TOP: N_("Ny plate på heve- og senkestativ"),
}

MATERIALS: Mapping[str, str] = {
    "textile": N_("Tekstil"),
    "leather": N_("Skinn"),
    "pur_foam": N_("Skumplast"),
    "steel": N_("Stål"),
    "stainless_steel": N_("Rustfritt stål"),
    "aluminium": N_("Aluminium"),
    "solid_wood": N_("Heltre"),
    "wood_panel": N_("Treplate"),
    "laminate_hpl": N_("Laminat (HPL)"),
    "plastic_mixed": N_("Plast, blandet"),
    "plastic_pp": N_("Plast, PP"),
    "rubber": N_("Gummi"),
    "glass": N_("Glass"),
    "electronics": N_("Elektronikk"),
    "pet_felt": N_("PET-filt"),
    "cardboard": N_("Papp"),
    "other": N_("Annet"),
}
"""Materials of the factor set that a workshop uses, the commonest first."""
