"""Where the real data lies that some tests read: beside the checkout, or where the user says."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ABSENT = (
    "no real data: ../shared/data is not beside the checkout; "
    "put it there or name its folder in OMLOP_SHARED_DATA"
)


def folder() -> Path | None:
    named = os.environ.get("OMLOP_SHARED_DATA")
    path = Path(named) if named else ROOT.parent / "shared" / "data"
    return path if path.is_dir() else None
