"""The displacement table: the first row that matches decides, and every case has a row."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.impact.rules import (
    FulfilmentSource,
    NoEventError,
    UserCase,
    WouldHave,
    displacement,
    estimate,
    is_event,
)
from tests.impact.pieces import a_chair, co2e, factors, ore

MOVES = {"user_case": UserCase.MOVES_ALONG}
SAME = {"user_case": UserCase.SAME_USER}
NEW = {"would_have": WouldHave.WOULD_BUY_NEW}
USED = {"would_have": WouldHave.WOULD_BUY_USED}
WITHOUT = {"would_have": WouldHave.WOULD_DO_WITHOUT}


@pytest.mark.parametrize(
    ("changes", "key", "value"),
    [
        (MOVES | WITHOUT, "moves_along", None),
        (MOVES | WITHOUT | {"all_new_brief": True}, "all_new_brief", "1"),
        (WITHOUT, "would_do_without", "0"),
        (SAME | WITHOUT | {"purchase_cancelled": True}, "would_do_without", "0"),
        (SAME | USED | {"purchase_cancelled": True}, "purchase_cancelled", "1"),
        (USED, "would_buy_used", "0.65"),
        (SAME | USED, "would_buy_used", "0.65"),
        (SAME, "same_user", "0.82"),
        (SAME | NEW | {"need_recorded": True}, "same_user", "0.82"),
        (NEW | {"need_recorded": True}, "need_recorded", "1"),
        (NEW | {"purchase_cancelled": True}, "would_buy_new", "0.8"),
        ({"source": FulfilmentSource.BOUGHT_USED}, "from_elsewhere", "0.65"),
        ({"source": FulfilmentSource.BOUGHT_USED} | NEW, "would_buy_new", "0.8"),
        ({"source": FulfilmentSource.DONATED}, "from_elsewhere", "0.65"),
        ({}, "not_answered", "0.8"),
        ({"source": FulfilmentSource.REDESIGNED_FROM_SURPLUS}, "not_answered", "0.8"),
    ],
)
def test_the_first_row_that_matches_decides(
    changes: dict[str, object], key: str, value: str | None
) -> None:
    row = displacement(a_chair(**changes))
    assert (row.key, row.value) == (key, None if value is None else Fraction(value))


def test_a_piece_that_moves_along_is_no_event_and_has_no_estimate() -> None:
    facts = a_chair(**MOVES)
    assert not is_event(facts)
    with pytest.raises(NoEventError, match="no new need"):
        estimate(facts, factors())


def test_under_an_all_new_brief_what_moves_along_counts_emission_but_no_waste() -> None:
    found = estimate(a_chair(**MOVES, all_new_brief=True), factors())
    assert co2e(found) == 73_346
    assert found.gross.waste_g.value == found.gross.value_chain_waste_g.value == 0


def test_what_was_taken_because_it_was_free_counts_in_gross_and_costs_in_net() -> None:
    found = estimate(a_chair(**WITHOUT, price_ore=10_000, costs_complete=True), factors())
    assert co2e(found) == 73_346
    assert co2e(found, "net") == 0
    assert found.net.waste_g.value == 0
    assert ore(found.net.saved_ore) == -10_000


@given(
    source=st.sampled_from(list(FulfilmentSource)),
    user_case=st.sampled_from(list(UserCase)),
    would_have=st.sampled_from(list(WouldHave)),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_every_case_has_a_row_between_nothing_and_all(
    source: FulfilmentSource,
    user_case: UserCase,
    would_have: WouldHave,
    flags: tuple[bool, bool, bool],
) -> None:
    need_recorded, purchase_cancelled, all_new_brief = flags
    row = displacement(
        a_chair(
            source=source,
            user_case=user_case,
            would_have=would_have,
            need_recorded=need_recorded,
            purchase_cancelled=purchase_cancelled,
            all_new_brief=all_new_brief,
        )
    )
    assert (row.value is None) == (user_case == UserCase.MOVES_ALONG and not all_new_brief)
    assert row.value is None or 0 <= row.value <= 1
