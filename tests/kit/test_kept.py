"""What is made of kept rows is made once, and never of other rows than these."""

from dataclasses import dataclass
from typing import Any

from app.kit.kept import HashedOnce, MadeOf


def _noting(most: int = 10) -> tuple[MadeOf[Any], list[Any]]:
    made: list[Any] = []

    def make(rows: Any, *further: Any) -> tuple[Any, ...]:
        found = (*rows, *further)
        made.append(found)
        return found

    return MadeOf(most, make), made


def test_it_is_made_once_of_the_same_rows() -> None:
    of, made = _noting()
    one, other = [1], [2]
    first = of.of([one, other], "a")
    assert of.of([one, other], "a") is first
    assert made == [(one, other, "a")]
    assert of.of([other, one], "a") == (other, one, "a")
    assert of.of([one, other], "b") == (one, other, "b")
    assert of.of([]) == ()


def test_rows_that_only_look_alike_are_others() -> None:
    of, made = _noting()
    for _ in range(2):
        of.of([[1, 2]])
    assert len(made) == 2


def test_a_row_that_came_to_stand_in_the_place_of_another_is_not_taken_for_it() -> None:
    of, made = _noting(most=1)
    for number in range(1_000):
        assert of.of([[number]]) == ([number],)
    assert len(made) == 1_000


@dataclass(frozen=True, slots=True)
class _Key(HashedOnce):
    number: int
    part: tuple[int, ...] = ()

    __hash__ = HashedOnce.__hash__


def test_like_keys_have_the_same_hash_and_are_equal() -> None:
    one, other = _Key(1, (2,)), _Key(1, (2,))
    assert hash(one) == hash(one) == hash(other)
    assert {one: "found"}[other] == "found"
    assert {one, _Key(2)} == {other, _Key(2)}
