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


_parse = json.JSONDecoder().raw_decode


def parsed(stored: bytes | str) -> Any:
    """The value of stored JSON, which has nothing before or behind it, as we store it.

    The standard library's decoder, asked without its detours: a process that only hashes would
    take longer to import a faster one than most chains to be walked. Raises ``ValueError``.
    """
    text = stored.decode() if isinstance(stored, bytes) else stored
    value, end = _parse(text)
    if end != len(text):
        message = "more than one value"
        raise ValueError(message)
    return value


def canonical_of(stored: bytes | str | None) -> str:
    """Stored JSON in its one spelling."""
    return encode(None if stored is None else parsed(stored))
