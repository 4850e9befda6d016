"""A document of own factors in another organisation, by the name its id has."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.impact.models_own import FactorDocument
from tests.people import Organised


def factor_rows(session: Session, org: Organised, now: datetime) -> dict[str, Any]:
    document = FactorDocument(
        org_id=org.org_id,
        name="Prisliste",
        key=f"{org.org_id}/ab/cd/abcd{'0' * 60}.pdf",
        media_type="application/pdf",
        sha256=f"abcd{'0' * 60}",
        byte_count=1,
        created_at=now,
    )
    session.add(document)
    session.flush()
    return {"factor_document_id": document}
