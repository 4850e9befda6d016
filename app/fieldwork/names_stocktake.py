"""What stocktakes, scans and decisions are called: messages in bokmål, translated where shown."""

from collections.abc import Mapping

from app.fieldwork.rules_stocktake import Decision, Sighting, StocktakeState
from app.kit.i18n import N_

STATES: Mapping[StocktakeState, str] = {
    StocktakeState.OPEN: N_("Pågår"),
    StocktakeState.FINISHED: N_("Avsluttet"),
    StocktakeState.CANCELLED: N_("Avbrutt"),
    StocktakeState.JOINED: N_("Slått sammen"),
}

STATE_TONES: Mapping[StocktakeState, str] = {
    StocktakeState.OPEN: "info",
    StocktakeState.FINISHED: "success",
}
"""Colours of a state's tag; the others are neutral."""

SIGHTINGS: Mapping[Sighting, str] = {
    Sighting.FOUND: N_("funnet"),
    Sighting.UNEXPECTED: N_("uventet"),
    Sighting.WAS_LOST: N_("savnet og funnet igjen"),
    Sighting.ON_ITS_WAY: N_("underveis i en overlevering"),
    Sighting.HAS_LEFT: N_("ute av inventaret"),
    Sighting.BLANK: N_("blank etikett"),
    Sighting.CANCELLED: N_("etikett som er trukket tilbake"),
    Sighting.SEVERAL: N_("kode som flere møbler har"),
    Sighting.UNKNOWN: N_("ukjent kode"),
    Sighting.AGAIN: N_("skannet før"),
    Sighting.PLACE: N_("kode til et sted"),
    Sighting.MISTYPED: N_("feilskrevet"),
}
"""As they stand behind a number: «3 funnet, 1 uventet»."""

DECISIONS: Mapping[Decision, str] = {
    Decision.MOVED_HERE: N_("Flyttet hit"),
    Decision.LEFT: N_("Hører ikke hit"),
    Decision.LOST: N_("Meldt savnet"),
    Decision.KEPT: N_("Står som registrert"),
}
