"""Where a request stands, in one word for both sides, and what each of them is to do next."""

from collections.abc import Mapping
from enum import StrEnum
from typing import assert_never

from app.kit.i18n import N_
from app.marketplace.rules import GIVEN_UP, RequestState, ReservationState

S = ReservationState


class Standing(StrEnum):
    BASKET = "basket"
    AWAITS_LEADER = "awaits_leader"
    AWAITS_GIVER = "awaits_giver"
    PARTLY_ANSWERED = "partly_answered"
    OFFERED = "offered"
    READY = "ready"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    ON_ITS_WAY = "on_its_way"
    WAITING = "waiting"
    CLOSED = "closed"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


def standing_of(
    state: RequestState, counts: Mapping[ReservationState, int], *, awaits_leader: bool
) -> Standing:
    """By what is to be done first; ``counts`` are the request's pieces by state."""
    if state is RequestState.DRAFT:
        return Standing.BASKET
    if state is RequestState.CANCELLED:
        return Standing.CANCELLED
    if state is RequestState.CLOSED:
        return _ended(counts)
    if state is RequestState.SUBMITTED:
        return Standing.AWAITS_LEADER if awaits_leader else _going_on(counts)
    assert_never(state)


def _ended(counts: Mapping[ReservationState, int]) -> Standing:
    if counts.get(S.RECEIVED):
        return Standing.CLOSED
    if counts.get(S.DECLINED):
        return Standing.DECLINED
    return Standing.EXPIRED if counts.get(S.EXPIRED) else Standing.CLOSED


def _going_on(counts: Mapping[ReservationState, int]) -> Standing:
    there = {state for state, count in counts.items() if count}
    if S.REQUESTED in there:
        is_all = not there - {S.REQUESTED, *GIVEN_UP}
        return Standing.AWAITS_GIVER if is_all else Standing.PARTLY_ANSWERED
    for state, standing in (
        (S.OFFERED, Standing.OFFERED),
        (S.READY, Standing.READY),
        (S.PICKED_UP, Standing.ON_ITS_WAY),
    ):
        if state in there:
            return standing
    if S.APPROVED in there:
        return Standing.PARTLY_APPROVED if S.WAITING in there else Standing.APPROVED
    return Standing.WAITING if S.WAITING in there else Standing.CLOSED


NAMES: Mapping[Standing, tuple[str, str]] = {
    Standing.BASKET: (N_("Kurv"), "neutral"),
    Standing.AWAITS_LEADER: (N_("Venter på leder"), "warning"),
    Standing.AWAITS_GIVER: (N_("Venter på giver"), "info"),
    Standing.PARTLY_ANSWERED: (N_("Delvis besvart"), "info"),
    Standing.OFFERED: (N_("Tilbud å svare på"), "warning"),
    Standing.READY: (N_("Klar til henting"), "success"),
    Standing.APPROVED: (N_("Godkjent"), "success"),
    Standing.PARTLY_APPROVED: (N_("Delvis godkjent"), "success"),
    Standing.ON_ITS_WAY: (N_("På vei"), "accent"),
    Standing.WAITING: (N_("På venteliste"), "warning"),
    Standing.CLOSED: (N_("Ferdig"), "success"),
    Standing.DECLINED: (N_("Avslått"), "danger"),
    Standing.EXPIRED: (N_("Utløpt"), "neutral"),
    Standing.CANCELLED: (N_("Avbestilt"), "neutral"),
}
"""Word and tone."""

_ASKER: Mapping[Standing, str] = {
    Standing.AWAITS_LEADER: N_("Når lederen har sagt ja, går bestillingen til giveren."),
    Standing.AWAITS_GIVER: N_("Giveren har fått bestillingen og svarer her."),
    Standing.PARTLY_ANSWERED: N_("Giveren har svart på en del og svarer på resten her."),
    Standing.OFFERED: N_("Svar på tilbudet før fristen. Ellers går det til neste i køen."),
    Standing.READY: N_("Møblene står klare. Avtal henting eller kjøring."),
    Standing.APPROVED: N_("Møblene er dine. Giveren gjør dem klare til henting."),
    Standing.PARTLY_APPROVED: N_("En del er ditt. Blir mer ledig, får du tilbud om det."),
    Standing.ON_ITS_WAY: N_("Bekreft mottaket når møblene er kommet."),
    Standing.WAITING: N_("Blir noe ledig, får du tilbud om det."),
}
_GIVER: Mapping[Standing, str] = {
    Standing.AWAITS_LEADER: N_("Lederen hos den som bestiller, svarer først. Så er det din tur."),
    Standing.AWAITS_GIVER: N_("Det er giverens tur til å svare."),
    Standing.PARTLY_ANSWERED: N_("Resten venter på svar fra giveren."),
    Standing.OFFERED: N_("Den som ventet, har fått et tilbud og må svare før fristen."),
    Standing.READY: N_("Møblene står klare til å overleveres."),
    Standing.APPROVED: N_("Gjør møblene klare, og meld fra."),
    Standing.PARTLY_APPROVED: N_("Gjør det som er godkjent, klart. Resten står på venteliste."),
    Standing.ON_ITS_WAY: N_("Mottakeren bekrefter når møblene er kommet."),
    Standing.WAITING: N_("Blir noe ledig, går det til den som er først i køen."),
}


def next_step(standing: Standing, *, is_mine: bool) -> str | None:
    """What comes now, for who asked or for everybody else; nothing when it has ended."""
    return (_ASKER if is_mine else _GIVER).get(standing)
