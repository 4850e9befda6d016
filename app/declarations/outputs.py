"""Declarations as JSON. Exact decimals are texts."""

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.catalogue.models import AmountUnit
from app.declarations.models import Declaration, DeclarationFile
from app.declarations.rules import (
    Answers,
    DeclarationRefused,
    DeclaredUnit,
    Reading,
    chosen,
    questions,
)


class QuestionOut(BaseModel):
    """What a person must answer before the file is applied; ``rule`` is the one that asks."""

    asked: str
    rule: int
    module: str
    choices: list[str]


class DeclarationFileOut(BaseModel):
    """A kept file with what it states: kg and kg CO2e of the whole declared unit, as text.

    ``questions`` are those for a category that is counted in the declared unit.
    """

    id: UUID
    name: str
    form: str
    sha256: str
    byte_count: int
    product_name: str
    number: str
    issued_on: date | None
    valid_until: date | None
    program_operator: str
    owner: str
    quantity: Decimal
    unit: DeclaredUnit
    pieces: Decimal | None
    mass_kg: Decimal | None
    indicator: str
    questions: list[QuestionOut]

    @classmethod
    def of(cls, row: DeclarationFile, reading: Reading) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            form=row.form,
            sha256=row.sha256,
            byte_count=row.byte_count,
            product_name=reading.name,
            number=reading.number,
            issued_on=reading.issued_on,
            valid_until=reading.valid_until,
            program_operator=reading.program_operator,
            owner=reading.owner,
            quantity=reading.quantity,
            unit=reading.unit,
            pieces=reading.pieces,
            mass_kg=reading.mass_kg,
            indicator=chosen(reading).label,
            questions=asked_of(reading),
        )


def asked_of(reading: Reading) -> list[QuestionOut]:
    """All that is asked of the file, the ratio of rule 7 too, whatever else is unanswered."""
    unit = {DeclaredUnit.M2: "m2", DeclaredUnit.KG: "kg"}.get(reading.unit, "piece")
    first = questions(reading, Answers(outside=True), unit)
    found = [*first]
    picked = {each.module: each.choices[0] for each in first if each.choices}
    # Of another unit it is asked again when the model or the piece is known.
    with suppress(DeclarationRefused):
        found += questions(reading, Answers(no_wood=True, scenarios=picked), unit)
    return [
        QuestionOut(
            asked=each.asked.value, rule=each.rule, module=each.module, choices=list(each.choices)
        )
        for each in found
    ]


class DeclarationOut(BaseModel):
    """What counts for a product model or a piece, per amount unit, in g CO2e and g as text.

    What it is declared for and by whom is empty for those from before it was kept.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    declaration_file_id: UUID
    product_model_id: UUID | None
    item_id: UUID | None
    name: str
    number: str
    indicator: str
    amount_unit: AmountUnit
    gwp_g: Decimal
    mass_g: Decimal | None
    delivery_g: Decimal | None
    end_of_life_g: Decimal | None
    relative_deviation: Decimal | None
    service_life_months: int | None
    issued_on: date | None
    valid_until: date | None
    program_operator: str | None
    owner: str | None
    declared_quantity: Decimal | None
    declared_unit: DeclaredUnit | None
    answers: dict[str, Any]
    person_id: UUID | None
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def json_of(cls, row: Declaration) -> dict[str, Any]:
        return cls.model_validate(row).model_dump(mode="json")
