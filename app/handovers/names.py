"""What became of a scan at a fetching or a delivery, in words."""

from collections.abc import Mapping

from app.handovers.rules import ScanOutcome, Way
from app.kit.i18n import N_

WAYS: Mapping[Way, str] = {Way.OUT: N_("Hentet"), Way.IN: N_("Mottatt")}

OUTCOMES: Mapping[ScanOutcome, str] = {
    ScanOutcome.LOADED: N_("På vei"),
    ScanOutcome.RECEIVED: N_("Mottatt"),
    ScanOutcome.AGAIN: N_("Skannet flere ganger"),
    ScanOutcome.ON_ITS_WAY: N_("Er alt hentet og på vei"),
    ScanOutcome.RECEIVED_ALREADY: N_("Er alt bekreftet mottatt"),
    ScanOutcome.NOT_ORDERED: N_("Ikke hentet: ingen har en godkjent bestilling på det"),
    ScanOutcome.NO_DESTINATION: N_("Ikke hentet: bestillingen sier ikke hvor det skal"),
    ScanOutcome.NOT_ON_ITS_WAY: N_("Ikke mottatt: møbelet er ikke på vei noe sted"),
    ScanOutcome.ELSEWHERE: N_("Ikke mottatt: møbelet skal et annet sted"),
    ScanOutcome.HAS_LEFT: N_("Møbelet er ute av inventaret"),
    ScanOutcome.NOT_YOURS: N_("Du kan ikke hente eller ta imot dette møbelet"),
    ScanOutcome.BLANK: N_("Etiketten hører ikke til noe møbel ennå"),
    ScanOutcome.CANCELLED: N_("Etiketten er trukket tilbake"),
    ScanOutcome.SEVERAL: N_("Flere møbler har denne koden: skann etiketten vår"),
    ScanOutcome.UNKNOWN: N_("Ingen av våre møbler eller steder har denne koden"),
    ScanOutcome.MISTYPED: N_("Koden er ikke riktig skrevet"),
}

OUTCOME_TONES: Mapping[ScanOutcome, str] = {
    ScanOutcome.LOADED: "success",
    ScanOutcome.RECEIVED: "success",
    ScanOutcome.AGAIN: "info",
    ScanOutcome.ON_ITS_WAY: "info",
    ScanOutcome.RECEIVED_ALREADY: "info",
}
"""Colours of an outcome's tag; the others are warnings."""
