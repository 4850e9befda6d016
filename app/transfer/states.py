"""States of an import: its rows are staged, previewed, applied, and perhaps undone."""

from collections.abc import Mapping
from enum import StrEnum


class ImportState(StrEnum):
    STAGING = "staging"
    PREVIEWED = "previewed"
    APPLIED = "applied"
    UNDONE = "undone"


class ImportVerb(StrEnum):
    SHOW = "show"
    APPLY = "apply"
    UNDO = "undo"


S, V = ImportState, ImportVerb

MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    S.STAGING: {V.SHOW: S.PREVIEWED},
    S.PREVIEWED: {V.APPLY: S.APPLIED},
    S.APPLIED: {V.UNDO: S.UNDONE},
}
