"""What the tests of importing ask for."""

import pytest

from app.kit.clock import MovedClock
from tests.databases import RolledBackDatabase
from tests.people import ActorOf
from tests.transfer.importing import Importing


@pytest.fixture
def importing(database: RolledBackDatabase, actor: ActorOf, clock: MovedClock) -> Importing:
    return Importing(database, actor(), clock)
