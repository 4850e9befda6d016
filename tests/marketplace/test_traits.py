"""Colour and material as people write them, and the number that a search row keeps of them."""

import random

import pytest

from app.marketplace.rules import Stage, Terms
from app.marketplace.traits import (
    Colour,
    Material,
    Traits,
    colour_of,
    mask_of,
    material_of,
    packed,
    unpacked,
)


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        (None, None),
        ("  ", None),
        ("Svart", Colour.BLACK),
        ("MØRKEGRÅ", Colour.GREY),
        ("mørk grå", Colour.GREY),
        ("lysegrønne", Colour.GREEN),
        ("Blått med krom", Colour.BLUE),
        ("stålgrå", Colour.GREY),
        ("bjørk, hvite bein", Colour.WOOD),
        ("grön", Colour.GREEN),
        ("vit", Colour.WHITE),
        ("off-white", Colour.WHITE),
        ("dark grey", Colour.GREY),
        ("RAL 7035", Colour.OTHER),
        ("ask", Colour.WOOD),
        ("maske", Colour.OTHER),
    ],
)
def test_a_colour_is_known_by_its_first_word_in_any_spelling(
    text: str | None, colour: Colour | None
) -> None:
    assert colour_of(text) is colour


@pytest.mark.parametrize(
    ("text", "material"),
    [
        (None, None),
        ("Kunstskinn", Material.VINYL),
        ("skinn", Material.LEATHER),
        ("100 % ull", Material.TEXTILE),
        ("eikefiner", Material.WOOD),
        ("høytrykkslaminat", Material.LAMINATE),
        ("stål/plast", Material.METAL),
        ("trä", Material.WOOD),
        ("kork", Material.OTHER),
    ],
)
def test_a_material_is_known_by_its_first_word_in_any_spelling(
    text: str | None, material: Material | None
) -> None:
    assert material_of(text) is material


def test_what_is_packed_comes_out_as_it_went_in() -> None:
    chance = random.Random(5)
    for _ in range(200):
        colour, material = (
            chance.choice(["svart", "grønn", "RAL", None]),
            chance.choice(["ull", None]),
        )
        terms, stage = chance.choice(list(Terms)), chance.choice(list(Stage))
        expected = Traits(colour_of(colour), material_of(material), terms, stage)
        assert unpacked(packed(colour, material, terms, stage)) == expected


def test_the_numbers_that_are_kept_never_change() -> None:
    """Rows of a running market hold them: a family in between would repaint the furniture."""
    assert packed("svart", "ull", Terms.PRICE, Stage.ORGANISATION) == 4 | 5 << 5 | 1 << 10 | 1 << 13
    assert (mask_of([Colour.OTHER], is_said=True), mask_of([Terms.FREE], is_said=False)) == (2, 1)
    assert packed("klar", "glass", Terms.OFFERS, Stage.PUBLIC) == 16 | 9 << 5 | 2 << 10 | 3 << 13
