"""What one thing that waits for a person looks like, whatever it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

OF_EACH_KIND = 5
"""So many of one kind stand in the list one by one; a last row leads to the rest."""


class Task(StrEnum):
    """What is to be done, for programs."""

    ANSWER_OFFER = "answer_offer"
    APPROVE_AS_LEADER = "approve_as_leader"
    ANSWER_REQUEST = "answer_request"
    HAND_OVER = "hand_over"
    RECEIVE = "receive"
    HANDLE_FOUND_REPORT = "handle_found_report"
    COMPLETE_DRAFT = "complete_draft"
    SEND_BASKET = "send_basket"
    MEND_MAIL = "mend_mail"
    EXAMINE_NEED = "examine_need"
    ANSWER_CASE = "answer_case"
    BEGIN_CASE = "begin_case"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing only this person (or another in the same role) can do; words are translated."""

    task: Task
    title: str
    text: str | None
    since: datetime
    route: str
    icon: str
    params: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, object] = field(default_factory=dict)
    tone: str = "accent"
