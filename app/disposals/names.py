"""The words people read for disposal decisions."""

from collections.abc import Mapping

from app.disposals.rules import DisposalState, Fate, Fraction, Reason
from app.kit.i18n import N_

STATES: Mapping[DisposalState, tuple[str, str]] = {
    DisposalState.PROPOSED: (N_("Venter på vedtak"), "warning"),
    DisposalState.DECIDED: (N_("Vedtatt"), "info"),
    DisposalState.DELIVERED: (N_("Levert"), "success"),
    DisposalState.WITHDRAWN: (N_("Omgjort"), "neutral"),
}

FATES: Mapping[Fate, str] = {
    Fate.RECYCLE: N_("Materialgjenvinning"),
    Fate.DISPOSE: N_("Kassering som restavfall"),
}

REASONS: Mapping[Reason, str] = {
    Reason.DAMAGED: N_("Ødelagt, og kan ikke repareres"),
    Reason.WORN_OUT: N_("Utslitt"),
    Reason.UNSAFE: N_("Ikke trygt å bruke"),
    Reason.HYGIENE: N_("Smittefare eller skadedyr"),
    Reason.TOO_COSTLY: N_("Reparasjon koster mer enn det er verdt"),
    Reason.NO_TAKER: N_("Ingen ville ha det"),
    Reason.OTHER: N_("Noe annet"),
}

FRACTIONS: Mapping[Fraction, str] = {
    Fraction.WOOD: N_("Trevirke, behandlet eller blandet"),
    Fraction.METAL: N_("Metall, blandet"),
    Fraction.PLASTIC: N_("Plast"),
    Fraction.TEXTILE: N_("Tekstil, skinn og møbler"),
    Fraction.ELECTRIC: N_("Elektriske deler"),
    Fraction.GLASS: N_("Glass"),
    Fraction.MIXED: N_("Blandet næringsavfall"),
}
