"""What became of a scan, in words: messages in bokmål, translated where they are shown."""

from collections.abc import Mapping

from app.fieldwork.rules import MoveOutcome
from app.kit.i18n import N_

OUTCOMES: Mapping[MoveOutcome, str] = {
    MoveOutcome.MOVED: N_("Flyttet"),
    MoveOutcome.FOUND: N_("Funnet igjen"),
    MoveOutcome.HERE_ALREADY: N_("Sto her alt"),
    MoveOutcome.AGAIN: N_("Skannet flere ganger"),
    MoveOutcome.NO_PLACE: N_("Ikke flyttet: ingen plass ble skannet for det"),
    MoveOutcome.MOVED_SINCE: N_("Ikke flyttet: flyttet av noen etterpå"),
    MoveOutcome.HAS_LEFT: N_("Ikke flyttet: møbelet er ute av inventaret"),
    MoveOutcome.NOT_YOURS: N_("Ikke flyttet: du kan ikke endre møbler for denne enheten"),
    MoveOutcome.BLANK: N_("Etiketten hører ikke til noe møbel ennå"),
    MoveOutcome.CANCELLED: N_("Etiketten er trukket tilbake"),
    MoveOutcome.SEVERAL: N_("Flere møbler har denne koden: skann etiketten vår"),
    MoveOutcome.UNKNOWN: N_("Ingen av våre møbler eller steder har denne koden"),
    MoveOutcome.MISTYPED: N_("Koden er ikke riktig skrevet"),
}

OUTCOME_TONES: Mapping[MoveOutcome, str] = {
    MoveOutcome.MOVED: "success",
    MoveOutcome.FOUND: "success",
    MoveOutcome.HERE_ALREADY: "info",
    MoveOutcome.AGAIN: "info",
}
"""Colours of an outcome's tag; the others are warnings."""
