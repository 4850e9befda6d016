"""The fonts that labels are really printed with."""

from pathlib import Path

import pytest

from labels.fonts import Fonts

FOLDER = Path(__file__).resolve().parents[2] / "static" / "vendor" / "fonts"


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    found = Fonts.find(FOLDER)
    if found.is_fallback:
        pytest.fail(f"Inter is not in {FOLDER}: run `make assets` first")
    return found
