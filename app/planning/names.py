"""The words for ways to meet a programme."""

from collections.abc import Mapping

from app.kit.i18n import N_

NOW, ALL_WE_HAVE, REWORKED, THEN_USED, ALL_NEW = "now", "supply", "redesign", "used", "new"
ALTERNATIVES: Mapping[str, str] = {
    NOW: N_("Det som er satt av nå"),
    ALL_WE_HAVE: N_("Alt vi har, resten nytt"),
    REWORKED: N_("Alt vi har, reparer og redesign, resten nytt"),
    THEN_USED: N_("Alt vi har, resten brukt"),
    ALL_NEW: N_("Bare nytt"),
}
