"""A price list of another organisation, by the name its id has."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.impact.rules import Tier
from app.transfer.models_prices import PriceList
from tests.people import Organised


def transfer_rows(session: Session, org: Organised, now: datetime) -> dict[str, Any]:
    row = PriceList(
        org_id=org.org_id,
        file_name="priser.csv",
        key=f"{org.org_id}/ab/ce/abce{'0' * 60}.csv",
        media_type="text/csv",
        sha256=f"abce{'0' * 60}",
        byte_count=1,
        source="Avtale",
        reason="Grunn",
        tier=Tier.T3,
        content={
            "targets": [],
            "rows": [],
            "unknown": [],
            "models_in_other_currency": 0,
            "bad": [],
            "unused": [],
        },
        summary={"changed": 0, "unchanged": 0, "unknown_rows": 0, "bad_rows": 0},
        created_at=now,
    )
    session.add(row)
    session.flush()
    return {"price_list_id": row}
