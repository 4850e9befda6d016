"""A template whose functions write in one piece says what Jinja's own says, and fails where it does."""

import traceback
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError

from app.kit.joining import Joining

TEMPLATES = {
    "base": "<{% block a %}base a{% endblock %}|{% block b %}{{ name }}{% endblock %}>{{ name }}",
    "child": '{% extends "base" %}{% block a %}{{ super() }}+{{ self.b() }}{% endblock %}',
    "grandchild": '{% extends "child" %}{% block b %}{% for n in many %}{{ n }}{% else %}none'
    "{% endfor %}{% endblock %}",
    "chosen": "{% extends layout if layout else 'base' %}{% block b %}chosen{% endblock %}",
    "included": "({{ name }}{% for n in many if n > 1 %}{{ loop.index }}{{ n }}{% endfor %})",
    "includes": "a{% include 'included' %}{% include 'nothing' ignore missing %}"
    "{% for part in parts %}{% include part %}{% endfor %}z",
    "macros": "{% macro m(x) %}[{{ x }}{% if caller is defined %}{{ caller() }}{% endif %}]{% endmacro %}{{ m(name) }}"
    "{% call m(1) %}{% if many %}{{ many[0] }}{% else %}-{% endif %}{% endcall %}",
    "kept": "{% set said %}{% filter upper %}{{ name }}{% endfilter %}{% endset %}{{ said }}{{ said }}",
    "tree": "{% for n in many recursive %}{{ n }}{% if n == 1 %}{{ loop([7, 8]) }}{% endif %}{% endfor %}",
    "empty": "",
    "words": "only words",
}
VALUES: dict[str, Any] = {
    "name": "<Åse>",
    "many": [1, 2, 3],
    "parts": ["included", "words"],
    "layout": None,
}


class Joined(Environment):
    code_generator_class = Joining


def made(kind: type[Environment], templates: dict[str, str]) -> Environment:
    return kind(loader=DictLoader(templates), autoescape=True, undefined=StrictUndefined)


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("values", [VALUES, {**VALUES, "many": [], "layout": "child"}])
def test_it_says_what_jinja_says(name: str, values: dict[str, Any]) -> None:
    plain = made(Environment, TEMPLATES).get_template(name).render(values)
    assert made(Joined, TEMPLATES).get_template(name).render(values) == plain


def test_each_layer_gives_one_piece() -> None:
    """Those of a child that only fills blocks are empty."""

    def pieces(kind: type[Environment]) -> list[str]:
        return list(made(kind, TEMPLATES).get_template("grandchild").generate(VALUES))

    assert pieces(Joined) == ["", "", "<base a+123|123>&lt;Åse&gt;"]
    assert len(pieces(Environment)) > 3


def test_a_mistake_is_shown_on_its_line_of_the_template() -> None:
    lines = {"page": "first\n{{ name }}\n{% for n in many %}\n{{ n }}{{ not_given }}\n{% endfor %}"}
    with pytest.raises(UndefinedError, match="not_given") as caught:
        made(Joined, lines).get_template("page").render(VALUES)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [each.lineno for each in frames if each.filename == "<template>"][-1] == 4
