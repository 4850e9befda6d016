"""The throw-away server answers, and is gone afterwards with its folder."""

import os
import tempfile
from pathlib import Path

import psycopg
import pytest

from tools import postgres


@pytest.mark.postgres
def test_the_server_answers_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Below /tmp itself: the server's own user may not enter the folders of this test.
    place = Path(tempfile.mkdtemp(prefix="omlop-test-"))
    place.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    with postgres.server() as server:
        with psycopg.connect(server.url.replace("+psycopg", "")) as connection:
            answer = connection.execute("select current_user, current_database()").fetchone()
        assert answer == ("omlop", "omlop")
    with pytest.raises(ProcessLookupError):
        os.kill(server.process_id, 0)
    place.rmdir()
