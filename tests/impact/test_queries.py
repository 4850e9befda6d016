"""The factor set in the database is the one in the files, to the letter."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.impact import queries
from app.impact.models import FactorSet
from app.impact.rules import UnknownFactorError, read_factor_set


def test_the_set_in_the_database_is_that_of_the_files(session: Session) -> None:
    assert queries.factors_of(session).factor_set == read_factor_set("2025.1")


def test_a_set_is_parsed_once_and_the_same_object_is_given_again(session: Session) -> None:
    assert queries.factors_of(session, "2025.1") is queries.factors_of(session)


def test_the_newest_valid_set_is_found_and_a_future_one_is_not(session: Session) -> None:
    session.add(FactorSet(id="2099.1", valid_from=date(2099, 1, 1), note="later"))
    session.flush()
    assert queries.newest_factor_set(session) == "2025.1"
    assert queries.newest_factor_set(session, date(2099, 2, 1)) == "2099.1"


def test_a_day_before_every_set_takes_the_first_one(session: Session) -> None:
    assert queries.newest_factor_set(session, date(1999, 1, 1)) == "2025.1"


def test_defaults_of_a_category_have_range_and_source(session: Session) -> None:
    chair = queries.defaults_of(session, "CHAIR_TASK")
    assert chair.mass_g is not None
    assert (chair.mass_g.low, chair.mass_g.value, chair.mass_g.high) == (12_000, 15_000, 20_000)
    assert chair.source_price.startswith("estimate")


def test_equipment_has_no_factors(session: Session) -> None:
    assert queries.defaults_of(session, "EQUIP_MEDICAL").gwp_g is None


def test_what_does_not_exist_is_refused_by_name(session: Session) -> None:
    with pytest.raises(UnknownFactorError, match="NOWHERE"):
        queries.factors_of(session, "NOWHERE")
    with pytest.raises(UnknownFactorError, match="NOWHERE"):
        queries.defaults_of(session, "NOWHERE")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE factor_row SET key = 'X' WHERE key = 'CHAIR_TASK'",
        "DELETE FROM factor_row WHERE key = 'CHAIR_TASK'",
        "UPDATE factor_set SET note = 'changed'",
        "DELETE FROM factor_set",
    ],
)
def test_a_factor_set_can_not_be_changed_even_in_raw_sql(session: Session, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(text(statement))
