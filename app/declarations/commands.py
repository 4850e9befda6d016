"""What the verbs of declarations take."""

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.declarations.rules import Answers
from app.kit.i18n import N_
from app.kit.text import PRINTABLE

ONE_TARGET = N_("Velg enten en produktmodell eller et møbel.")
Scenario = Annotated[str, Field(max_length=200), PRINTABLE]
Positive = Annotated[Decimal, Field(gt=0, le=1_000_000, max_digits=16, decimal_places=6)]


class ApplyDeclaration(BaseModel):
    """What the file counts for, and what the person confirms of it.

    ``scenarios`` are by module (``C3``); ``pieces`` are in the declared unit; ``packaging_kg`` is
    in the stated mass of the whole declared unit.
    """

    model_config = ConfigDict(extra="forbid")

    declaration_file_id: UUID
    product_model_id: UUID | None = None
    item_id: UUID | None = None
    no_wood: bool = False
    outside: bool = False
    scenarios: Annotated[
        dict[Annotated[str, Field(max_length=5)], Scenario], Field(max_length=9)
    ] = {}
    pieces: Positive | None = None
    packaging_kg: Positive | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.product_model_id is None) == (self.item_id is None):
            raise ValueError(ONE_TARGET)
        return self

    @property
    def answers(self) -> Answers:
        return Answers(
            no_wood=self.no_wood,
            outside=self.outside,
            scenarios=dict(self.scenarios),
            pieces=self.pieces,
            packaging_kg=self.packaging_kg,
        )


class EndDeclaration(BaseModel):
    model_config = ConfigDict(extra="forbid")

    declaration_id: UUID
