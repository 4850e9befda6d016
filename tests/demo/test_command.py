"""The command that plays the demo: it never plays into somebody's data."""

from argparse import Namespace
from pathlib import Path

import pytest

from app.commands.demo import BEGUN, demo
from app.schema import current as revision_of
from app.schema import head, migrate
from app.settings import Settings
from tests.databases import new_url

ONCE, AGAIN = Namespace(no_serve=True, again=False), Namespace(no_serve=True, again=True)


@pytest.mark.parametrize("options", [ONCE, AGAIN], ids=["once", "again"])
def test_a_database_that_holds_anything_is_refused_and_left_as_it_is(
    options: Namespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = new_url(tmp_path)
    migrate(url)
    settings = Settings(data_dir=tmp_path / "demo", database_url=url)
    assert demo(options, settings) == 1
    assert "har data fra før" in capsys.readouterr().out
    assert revision_of(url) == head()
    assert not (tmp_path / "demo" / BEGUN).exists()
