"""A declaration of another organisation, and its file, by the names their ids have."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.catalogue.models import AmountUnit
from app.declarations.models import Declaration, DeclarationFile
from tests.people import Organised


def declaration_rows(
    session: Session, org: Organised, item_id: UUID, now: datetime
) -> dict[str, Any]:
    file = DeclarationFile(
        org_id=org.org_id,
        name="epd.json",
        form="openEPD",
        key=f"{org.org_id}/ef/01/ef01{'0' * 60}.json",
        media_type="application/json",
        sha256=f"ef01{'0' * 60}",
        byte_count=1,
        created_at=now,
    )
    session.add(file)
    session.flush()
    row = Declaration(
        org_id=org.org_id,
        declaration_file_id=file.id,
        item_id=item_id,
        name="Stol",
        number="NEPD-1",
        indicator="EF 3.1 GWP-GHG",
        amount_unit=AmountUnit.PIECE,
        gwp_g=Decimal(48_500),
        answers={},
        created_at=now,
    )
    session.add(row)
    session.flush()
    return {"declaration_file_id": file, "declaration_id": row}
