"""What is typed is read word by word: names, endings, compounds, sizes. What a piece is found by."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Category
from app.items import asking
from app.items.things import of_category, piece_words

NO_SIDES = (None, None, None)


def near(question: str) -> list[set[str]]:
    """What is met near by each part of the question, ways with one word only."""
    ways, _ = asking.ways(asking.asked(question))
    return [{way[0] for way in each if len(way) == 1} for each in ways]


def categories(question: str) -> set[str]:
    [some] = near(question)
    return {word for word in some if word.startswith("²")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kontorstol", "kontorstolene"),
        ("kontorstol", "kontor stolar"),
        ("kontorstol", "kontorstoll"),
        ("hylle", "hyllone"),
        ("hylla", "hyllorna"),
        ("skap", "skapa"),
        ("benk", "benkane"),
        ("fåtölj", "fatolj"),
        ("fåtölj", "fåtöljer"),
        ("møtebord", "motebordet"),
        ("desk", "desks"),
        ("office chair", "office chairs"),
        ("bookcase", "book cases"),
        ("hev-senk pult", "hevsenkpult"),
        ("høydejusterbar", "hoydejusterbart"),
    ],
)
def test_a_name_is_the_same_in_all_its_forms(one: str, other: str) -> None:
    assert categories(one)
    assert categories(one) == categories(other)


def test_every_category_is_found_by_its_own_names(session: Session) -> None:
    for each in session.scalars(select(Category)):
        words = set(piece_words(each.id, each.name_nb, (each.name_sv, each.name_en), NO_SIDES))
        assert of_category(each.id) in words
        for name in (each.name_nb, each.name_sv, each.name_en):
            first = name.partition(",")[0].partition("(")[0].partition("/")[0]
            _, every = asking.ways(asking.asked(first))
            assert all(
                any(
                    all(
                        part in words or any(word.startswith(part.rstrip("*")) for word in words)
                        for part in way
                    )
                    for way in some
                )
                for some in every
            ), name


@pytest.mark.parametrize(
    "typed", ["160x80", "160 x 80", "80×160 cm", "1600x800", "1600 x 800 mm", "160*80", "80x160"]
)
def test_a_size_is_read_however_it_is_written(typed: str) -> None:
    [some] = near(typed)
    assert "²160x80" in some
    assert "²160x80" in piece_words("DESK_FIXED", "Bord", (), (1600, 800, 730))


def test_metres_are_read_and_words_for_sides_left_out() -> None:
    assert near("2,1 m") == [{"210"}]
    assert near("80 cm bredt") == [{"80"}]
    assert near("med hjul") == near("hjul")


@pytest.mark.parametrize(
    ("name", "word", "is_it"),
    [
        ("Benk m/skohylle", "²benk", True),
        ("Benk m/skohylle", "²hyl", False),
        ("Bord over seng", "²bord", True),
        ("Bord over seng", "²seng", False),
        ("Aktivitetsbord", "²bord", True),
        ("Gåstol", "²stol", False),
    ],
)
def test_a_name_says_what_the_piece_is(name: str, word: str, *, is_it: bool) -> None:
    assert (word in piece_words("OTHER_KG", name, (), NO_SIDES)) is is_it


def test_nothing_typed_is_one_of_our_own_marks() -> None:
    assert not any("²" in word for each in near("²chairtask") for word in each)


def test_a_typing_error_is_mended_to_words_in_use_and_to_ours() -> None:
    assert asking.nearest("nordsette", ["nordsete", "nord"]) == ["nordsete"]
    assert asking.nearest("kontrostol", []) == ["kontorstol"]
    assert asking.nearest("flygel", ["fjordform"]) == []


def test_every_word_of_a_question_is_kept_or_named_as_left_out() -> None:
    words = [f"qwrt{letter}" for letter in "abcdefg"]
    for some in asking.without_some(asking.asked(" ".join(words))):
        assert len(some) == asking.MOST_LEFT_OUT
        for each in some:
            assert sorted([*each.words.split(), *each.left_out]) == words
