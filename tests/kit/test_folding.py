"""What was worked out beforehand says what Jinja would have said, in each language."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jinja2 import ChoiceLoader, DictLoader, StrictUndefined, UndefinedError, nodes
from markupsafe import Markup, escape

from app.kit import folding, i18n
from app.kit.addresses import address
from app.kit.folding import FoldingEnvironment
from app.kit.page import make_environment

ROOT = Path(__file__).resolve().parents[2]
PATHS = {"a:b": "/a", "a:show": "/a/{id}/b/{part}", "a:and": "/x&y/{id}"}


def url(name: str, query: dict[str, Any] | None = None, **params: Any) -> str:
    """As every page has it."""
    return address(PATHS[name], query, **params)


VALUES: dict[str, Any] = {
    "url": url,
    "id": UUID(int=7),
    "name": "<Åse & co>",
    "none": None,
    "many": [("a", "<1>"), ("b", None)],
    "flag": True,
    "link": "/x?a=1&b=2",
}
CASES = (
    '{{ _("Møbler") }}',
    '{{ _("Brukes av %(unit)s", unit=name) }}',
    '{{ _("%(n)s av %(n)s: 100 %%", n=name) }}',
    '{% set said = _("Brukes av %(unit)s", unit=name) %}{{ said }}{{ said ~ "<" }}',
    '{{ ngettext("%(num)s stykk", "%(num)s stykker", 3) }}',
    '{{ asset("app.css") }}',
    '{{ url("a:b") }}{{ url("a:show", id=id, part=name) }}{{ url("a:and", id=link) }}',
    '{{ url("a:b", query={"q": name, "n": none}) }}{{ url("a:and", query={"q": id}, id=1) }}',
    '{{ ui.link_button(name, url("a:show", id=id, part="/?#")) }}{{ url("a:b", id=1) }}',
    '{% set to = url("a:show", part=1, id=name) %}{{ to }}{{ to ~ "<" }}{{ url(name="a:b") }}',
    '{{ ui.icon("place") }}{{ ui.icon(name) }}{{ ui.icon("x", label=name) }}',
    '{{ ui.tag(name) }}{{ ui.tag("<b>", "success", outline=True) }}',
    "{{ ui.condition_tag('B') }}{{ ui.condition_tag(name) }}{{ ui.condition_tag(none) }}",
    '{{ ui.link_button(_("Flytt"), link, "secondary", "place", attrs={"rel": "<"}) }}',
    '{{ ui.post_button(name, link, key="k", version=none, fields={"a": name}) }}',
    '{{ ui.breadcrumbs([(_("Møbler"), link), (name, none)]) }}',
    "{{ ui.facts(many) }}{{ ui.facts(many, columns=2) }}",
    '{{ ui.field("a", name, error=name, unit="cm", required=flag) }}',
    '{{ ui.select("a", name, [("x", name), ("g", [("y", "Y")])], value="y") }}',
    '{{ ui.section_header(name, link) }}{{ ui.section_header("A", id="b", level=3) }}',
    "{{ ui.co2e(none) }}{{ ui.co2e(1200) }}",
    "{{ ui.gallery([]) }}{{ ui.picture(none) }}{{ ui.picture(link, name, lazy=flag) }}",
    "{% call ui.disclosure(name, open=true) %}<i>{{ name }}</i>{% endcall %}",
    "{% call ui.page_header(name) %}{{ ui.icon('x') }}{% endcall %}{{ ui.page_header('T') }}",
    "{% if false %}{{ nobody }}{% elif flag %}yes{% else %}no{% endif %}",
    "{% if '' %}a{% elif none is none %}b{% elif flag %}c{% endif %}",
    "{{ 'a' if none is none else nobody }}",
    "{% set id = name %}{% set label = 1 %}{{ ui.badge(2, id) }}{{ id }}{{ label }}",
    "{% for label, href in many %}{{ ui.link_button(href, label) }}{{ loop.index }}{% endfor %}",
    "{% macro own(label) %}{{ ui.tag(label) }}{% endmacro %}{{ own(name) }}",
    "{{ ui.error_summary({}) }}{{ ui.error_summary({'a': name}) }}",
    "{% set own = 1 %}{% for label, _x in many %}{% include 'part.html' %}{% endfor %}{{ own }}",
    "{% if flag %}{% include 'part.html' %}{% endif %}{% include ['none.html', 'part.html'] %}",
)
PART = "{% set own = name %}[{{ own }}{{ label|default(link) }}{{ ui.tag(name) }}{{ _('Mål') }}]"


def _environment(extra: dict[str, str] | None = None) -> FoldingEnvironment:
    env = make_environment(ROOT / "templates", ROOT / "static")
    assert env.loader is not None
    env.loader = ChoiceLoader([DictLoader(extra or {}), env.loader])
    env.paths = PATHS
    return env


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], FoldingEnvironment]:
    """The same environment, with Jinja's own folding only."""

    def make(extra: dict[str, str]) -> FoldingEnvironment:
        with monkeypatch.context() as patched:
            patched.setattr(FoldingEnvironment, "_folded", lambda _self, source, _name: source)
            env = _environment(extra)
            for language in ("nb", "en"):
                with i18n.speaking(language):
                    for name in extra:
                        env.get_template(name)
        return env

    return make


@pytest.mark.parametrize("source", CASES)
@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_folded_template_says_what_the_plain_one_says(
    plain: Callable[[dict[str, str]], FoldingEnvironment], source: str, language: str
) -> None:
    templates = {"case.html": source, "part.html": PART}
    unfolded, folded = plain(templates), _environment(templates)
    with i18n.speaking(language):
        wanted = unfolded.get_template("case.html").render(VALUES)

        assert folded.get_template("case.html").render(VALUES) == wanted


def test_a_template_is_kept_for_each_language() -> None:
    env = _environment({"case.html": '{{ _("Møbler") }}{{ ui.condition_tag(name) }}'})
    said = {}
    for language in ("nb", "en", "nb"):
        with i18n.speaking(language):
            said[language] = env.get_template("case.html").render(name="A")

    assert said["nb"].startswith("Møbler")
    assert i18n.locale() == "nb"
    with i18n.speaking("en"):
        assert said["en"].startswith(i18n.gettext("Møbler"))


def test_constant_calls_leave_only_words_behind() -> None:
    env = _environment()
    source = '<p>{{ ui.icon("place") }}{{ ui.section_header(_("Mål"), id="m") }}</p>'
    found = env._folded(env.parse(source), "case.html")

    assert not list(found.find_all((nodes.Call, nodes.If, nodes.With)))
    assert len(list(found.find_all(nodes.Output))) == 1


def test_what_is_always_included_stands_in_the_template() -> None:
    env = _environment({"part.html": PART})
    found = env._folded(env.parse("{% include 'part.html' %}{% include name %}"), "case.html")

    included = [each.template for each in found.find_all(nodes.Include)]
    assert [type(each) for each in included] == [nodes.Name]


@pytest.mark.parametrize(
    "value",
    ["a", "<Åse & co>", "'\"", "", 7, None, UUID(int=7), Markup("<b>"), Decimal("1.5"), b"<"],
)
def test_what_is_written_out_is_escaped(value: object) -> None:
    env = _environment({"case.html": "{{ value }}", "list.html": "<i{{ {'a': value}|xmlattr }}>"})

    assert env.get_template("case.html").render(value=value) == str(escape(value))
    wanted = "" if value is None else f' a="{escape(value)}"'
    assert env.get_template("list.html").render(value=value) == f"<i{wanted}>"


def test_a_name_of_an_attribute_is_refused_where_it_could_end_it() -> None:
    env = _environment({"case.html": "<i{{ {name: 'x'}|xmlattr }}>"})
    with pytest.raises(ValueError, match="attribute"):
        env.get_template("case.html").render(name="a onclick=")


def test_what_a_macro_is_not_given_is_still_missed() -> None:
    env = _environment({"case.html": "{{ ui.tag() }}", "other.html": "{{ ui.tag(nobody) }}"})
    assert env.undefined is StrictUndefined
    for name in ("case.html", "other.html"):
        with pytest.raises(UndefinedError):
            env.get_template(name).render()


def test_a_template_that_names_something_as_we_do_is_left_alone() -> None:
    env = _environment()
    source = env.parse('{% for _ in many %}{{ ui.icon("x") }}{% endfor %}')

    assert list(env._folded(source, "case.html").find_all(nodes.Call))


def test_no_two_macros_have_the_same_name() -> None:
    env = _environment()
    names = [
        macro.name
        for part in env._parts
        for macro in env.parse((ROOT / "templates" / part).read_text()).find_all(nodes.Macro)
    ]

    assert len(names) == len(set(names)) == len(env.sources)
    assert folding.RESERVED.isdisjoint(names)


def test_of_several_who_ask_first_for_a_template_one_compiles_it() -> None:
    env = _environment({"case.html": "{{ ui.tag(name) }}"})
    compiled: list[str | None] = []
    all_here = threading.Barrier(8)
    generate = env._generate

    def counted(source: nodes.Template, name: str | None, *rest: Any, **options: Any) -> str:
        compiled.append(name)
        time.sleep(0.05)  # the others come meanwhile
        return generate(source, name, *rest, **options)

    env._generate = counted  # type: ignore[method-assign]

    def ask(_: int) -> str:
        all_here.wait()
        return env.get_template("case.html").render(name="A")

    with ThreadPoolExecutor(8) as pool:
        said = set(pool.map(ask, range(8)))

    assert len(said) == 1
    assert compiled.count("case.html") == 1
