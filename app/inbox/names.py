"""What kinds, ways in, states and outcomes are called."""

from collections.abc import Mapping

from app.inbox.rules import CaseState, Channel, Kind, NoteKind, Outcome, VisitState
from app.kit.i18n import N_

KINDS: Mapping[Kind, str] = {
    Kind.MEND: N_("Noe er ødelagt"),
    Kind.MOVE: N_("Noe skal flyttes"),
    Kind.HAND_IN: N_("Vil levere inn"),
    Kind.WISH: N_("Ønsker seg noe"),
    Kind.ASSESS: N_("Noe må vurderes"),
    Kind.DISPOSE: N_("Noe skal kasseres"),
    Kind.OTHER: N_("Annet"),
}
CHANNELS: Mapping[Channel, str] = {
    Channel.FORM: N_("Skjema"),
    Channel.EMAIL: N_("E-post"),
    Channel.PHONE: N_("Telefon"),
}
STATES: Mapping[CaseState, tuple[str, str]] = {
    CaseState.NEW: (N_("Ny"), "info"),
    CaseState.IN_PROGRESS: (N_("Under arbeid"), "accent"),
    CaseState.WAITING: (N_("Venter på svar"), "warning"),
    CaseState.CLOSED: (N_("Avsluttet"), "success"),
    CaseState.WITHDRAWN: (N_("Trukket"), "neutral"),
}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.REUSED: N_("Løst med ombruk"),
    Outcome.MENDED: N_("Reparert"),
    Outcome.MOVED: N_("Flyttet"),
    Outcome.TAKEN_IN: N_("Tatt imot"),
    Outcome.BOUGHT: N_("Kjøpt inn"),
    Outcome.DISPOSED: N_("Kassert"),
    Outcome.ADVISED: N_("Råd gitt"),
    Outcome.DECLINED: N_("Avslått"),
    Outcome.OTHER: N_("Annet"),
}
NOTES: Mapping[NoteKind, tuple[str, str]] = {
    NoteKind.NOTE: (N_("Internt notat"), "neutral"),
    NoteKind.REPLY: (N_("Svar"), "accent"),
    NoteKind.MESSAGE: (N_("Fra den som spurte"), "info"),
}
VISITS: Mapping[VisitState, tuple[str, str]] = {
    VisitState.PLANNED: (N_("Planlagt"), "info"),
    VisitState.DONE: (N_("Gjennomført"), "success"),
    VisitState.CANCELLED: (N_("Avlyst"), "neutral"),
}
EVENTS: Mapping[str, str] = {
    "case-received": N_("Mottatt"),
    "case-edited": N_("Opplysninger endret"),
    "case-assigned": N_("Ansvarlig endret"),
    "case-noted": N_("Skrev i tråden"),
    "case-closed": N_("Avsluttet"),
    "case-withdrawn": N_("Trukket"),
    "case-reopened": N_("Åpnet igjen"),
    "case-photographed": N_("Bilde lagt til"),
    "case-photo-removed": N_("Bilde fjernet"),
    "site-visit-planned": N_("Befaring planlagt"),
    "site-visit-moved": N_("Befaring flyttet"),
    "site-visit-done": N_("Befaring gjennomført"),
    "site-visit-cancelled": N_("Befaring avlyst"),
}
FIELDS: Mapping[str, str] = {
    "kind": N_("Gjelder"),
    "subject": N_("Emne"),
    "unit_id": N_("Enhet"),
    "place_id": N_("Sted"),
    "wanted_date": N_("Ønsket innen"),
    "deadline": N_("Frist"),
    "assignee_id": N_("Ansvarlig"),
}
"""What is read in words: cases' times and who did what stand in their history."""
