"""States of a survey."""

from collections.abc import Mapping
from enum import StrEnum


class SurveyState(StrEnum):
    OPEN = "open"
    FINISHED = "finished"


class SurveyVerb(StrEnum):
    FINISH = "finish"
    REOPEN = "reopen"


SURVEY_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    SurveyState.OPEN: {SurveyVerb.FINISH: SurveyState.FINISHED},
    SurveyState.FINISHED: {SurveyVerb.REOPEN: SurveyState.OPEN},
}
