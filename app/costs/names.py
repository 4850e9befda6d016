"""The words people read for kinds of cost and for who pays."""

from collections.abc import Mapping

from app.costs.rules import InternalPrice, Kind, Payer
from app.kit.i18n import N_

KINDS: Mapping[Kind, str] = {
    Kind.WORK: N_("Reparasjon, omtrekking og redesign hos leverandør"),
    Kind.PURCHASE: N_("Kjøp av brukt eller nytt"),
    Kind.CLEANING: N_("Rengjøring"),
    Kind.FREIGHT: N_("Frakt"),
    Kind.HANDLING: N_("Håndtering"),
    Kind.INTERNAL_PRICE: N_("Internpris for ombrukte møbler"),
}
PAYERS: Mapping[Payer, str] = {
    Payer.GIVER: N_("Giveren"),
    Payer.RECEIVER: N_("Mottakeren"),
    Payer.COMMON: N_("Fellesenheten"),
}
PRICES: Mapping[InternalPrice, str] = {
    InternalPrice.NONE: N_("Ingen: ombrukte møbler er gratis"),
    InternalPrice.FIXED: N_("Et fast beløp for hver kategori"),
    InternalPrice.PERCENT: N_("En prosent av nyprisen"),
}
