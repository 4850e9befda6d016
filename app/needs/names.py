"""What states, steps, outcomes and reasons are called."""

from collections.abc import Mapping

from app.kit.i18n import N_
from app.needs.rules import AllocationEnd, NeedState, Outcome, Reason, Step

STATES: Mapping[NeedState, tuple[str, str]] = {
    NeedState.SUBMITTED: (N_("Meldt inn"), "info"),
    NeedState.IN_PROGRESS: (N_("Under arbeid"), "accent"),
    NeedState.FULFILLED: (N_("Dekket"), "success"),
    NeedState.CLOSED_UNMET: (N_("Lukket udekket"), "warning"),
    NeedState.CANCELLED: (N_("Trukket"), "neutral"),
}
STEPS: Mapping[Step, str] = {
    Step.OWN_UNIT: N_("Egen enhet"),
    Step.ORGANISATION: N_("Hele virksomheten"),
    Step.NETWORK: N_("Nettverket"),
    Step.REPAIR_OR_REDESIGN: N_("Reparasjon eller redesign"),
    Step.BUY_USED: N_("Kjøp brukt"),
    Step.NEW: N_("Kjøp nytt"),
}
STEP_HINTS: Mapping[Step, str] = {
    Step.OWN_UNIT: N_("Det enheten selv har lagt ut eller snart får ledig."),
    Step.ORGANISATION: N_("Det andre enheter har lagt ut eller snart får ledig."),
    Step.NETWORK: N_("Det andre virksomheter i nettverket har lagt ut. De svarer selv."),
    Step.REPAIR_OR_REDESIGN: N_("Kan noe vi har, repareres, trekkes om eller bygges om?"),
    Step.BUY_USED: N_("Finnes det brukt hos en leverandør eller en annen virksomhet?"),
    Step.NEW: N_("Når ingenting annet dekker behovet."),
}
NO_NETWORK = N_("Virksomheten er ikke med i noe nettverk.")
ENDS: Mapping[AllocationEnd, str] = {
    AllocationEnd.TOO_LATE: N_("Blir ledig for sent"),
    AllocationEnd.TAKEN_OFF: N_("Frigis ikke lenger av prosjektet"),
    AllocationEnd.NEED_ENDED: N_("Behovet er trukket"),
    AllocationEnd.RETURNED: N_("Overleveringen er angret"),
}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.TAKEN: N_("Tatt"),
    Outcome.REFUSED: N_("Avslått"),
    Outcome.NONE: N_("Ingen treff"),
}
REASONS: Mapping[Reason, str] = {
    Reason.SIZE: N_("Målene passer ikke"),
    Reason.CONDITION: N_("For slitt eller skadet"),
    Reason.LOOK: N_("Farge eller utseende passer ikke"),
    Reason.FUNCTION: N_("Mangler en funksjon vi trenger"),
    Reason.HYGIENE: N_("Oppfyller ikke krav til hygiene"),
    Reason.TOO_LATE: N_("Blir ledig for sent"),
    Reason.TOO_FAR: N_("Står for langt unna"),
    Reason.TOO_FEW: N_("For få like"),
    Reason.PRICE: N_("For dyrt"),
    Reason.NOT_OFFERED: N_("Tilbys ikke av leverandørene våre"),
    Reason.OTHER: N_("Annet"),
}
