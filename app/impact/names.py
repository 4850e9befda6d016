"""The words people read for what an own factor is."""

from collections.abc import Mapping

from app.impact.tiers import Tier
from app.kit.i18n import N_

TIERS: Mapping[Tier, str] = {
    Tier.T1: N_("T1 – gyldig EPD eller veid"),
    Tier.T2: N_("T2 – produsentens egen verdi"),
    Tier.T3: N_("T3 – egen verdi for kategorien"),
    Tier.T4: N_("T4 – regnet av masse og materialer"),
}
"""How good an own factor is, as its author states it."""
