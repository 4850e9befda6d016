"""A row's one spelling as JSON, which is what the hash chain hashes. Knows no database.

Imported by the processes that only hash (``kit/chain_child.py``): it stays free of SQLAlchemy.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic_core import from_json


def _plain(value: Any) -> Any:
    if type(value) is UUID:  # four of five values that come here
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    message = f"no canonical form for {type(value).__name__}"
    raise TypeError(message)


# One encoder for all rows: json.dumps makes a new one each time there are options.
encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
).encode


def canonical(row: Mapping[str, Any]) -> str:
    """A row's one spelling as JSON: sorted keys, no spaces, UTC, decimals as text."""
    return encode(row if type(row) is dict else dict(row))


def canonical_of(text: bytes | str | None) -> str:
    """Stored JSON in its one spelling."""
    return encode(None if text is None else from_json(text))
