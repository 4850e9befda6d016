"""Templates, styles and scripts keep what the strict content policy and accessibility ask for."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from app.kit.page import UI_PARTS, make_environment

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
PAGES = sorted(TEMPLATES.rglob("*.html"))
OWN_SCRIPTS = sorted({*STATIC.glob("*.js"), *STATIC.glob("modules/*.js")})
OWN_STYLES = ("app.css", "parts.css", "figures.css", "print.css", "reset.css")

LETTERS = sorted([*(TEMPLATES / "email").rglob("*.txt"), *(TEMPLATES / "email").rglob("*.html")])
OF_NO_LANGUAGE = {"Omløp"}
_NO_WORDS = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}(?:/[\w/-]*)*|<style.*?</style>|<[^>]*>", re.DOTALL
)

# What a policy without unsafe-inline refuses, and what would let a name become markup.
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script without a file": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b|hx-on:", re.IGNORECASE),
    "javascript as a value": re.compile(r"[\"']\s*(?:js|javascript):", re.IGNORECASE),
    "htmx boost": re.compile(r"\bhx-boost\b"),
    "the filter safe": re.compile(r"\|\s*safe\b"),
    "switched-off escaping": re.compile(r"{%-?\s*autoescape\b"),
    "another host": re.compile(r"""(?:src|href|action)=["']\s*(?:https?:)?//"""),
}


@pytest.fixture(scope="module")
def environment() -> Environment:
    return make_environment(TEMPLATES, STATIC)


def name_of(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


@pytest.mark.parametrize("name", [p.relative_to(TEMPLATES).as_posix() for p in PAGES])
def test_a_template_compiles(environment: Environment, name: str) -> None:
    assert environment.get_template(name).name == name


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_template_holds_nothing_that_the_policy_refuses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


def bare_words(text: str) -> set[str]:
    """Words that stand in a template for every reader, whatever the catalogue says."""
    return set(re.findall(r"[^\W\d_]{2,}", _NO_WORDS.sub(" ", text)))


@pytest.mark.parametrize("path", LETTERS, ids=name_of)
def test_a_letter_says_nothing_that_the_reader_s_catalogue_does_not_translate(path: Path) -> None:
    assert bare_words(path.read_text(encoding="utf-8")) <= OF_NO_LANGUAGE


def test_a_word_that_no_catalogue_translates_is_found() -> None:
    assert bare_words('<p>Hei, {{ _("navn") }}</p>{{ home }}/bestillinger/{{ id }}') == {"Hei"}


@pytest.mark.parametrize(
    ("what", "markup"),
    [
        ("a style attribute", '<p class="x" style="color:red">'),
        ("a style element", "<style>p{}</style>"),
        ("a script without a file", "<script>alert(1)</script>"),
        ("an event attribute", '<a href="/" onclick="x()">'),
        ("hx-on", '<p hx-on:click="x()">'),
        ("javascript as a value", '<a href="javascript:x()">'),
        ("htmx boost", '<body hx-boost="true">'),
        ("the filter safe", "{{ name | safe }}"),
        ("switched-off escaping", "{% autoescape false %}"),
        ("another host", '<img src="//cdn.example/x.png">'),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, markup: str) -> None:
    assert FORBIDDEN[what].search(markup)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_template_calls_only_macros_that_exist(path: Path, environment: Environment) -> None:
    macros = vars(environment.globals["ui"])
    used = set(re.findall(r"\bui\.(\w+)\(", path.read_text(encoding="utf-8")))
    assert used - set(macros) == set()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_icon_that_a_template_names_is_drawn(path: Path) -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"""\bicon\(["']([\w-]+)["']\)|icon_name=["']([\w-]+)["']""", text))
    assert {icon for pair in named for icon in pair if icon} - drawn == set()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_file_that_a_template_links_to_exists(path: Path) -> None:
    for name in re.findall(r"asset\('([^']+)'\)", path.read_text(encoding="utf-8")):
        assert (STATIC / name).is_file(), f"{name}: run make assets"


def test_every_design_property_that_is_used_is_defined() -> None:
    names = (*OWN_STYLES, "theme.css", "vendor/designsystemet.css")
    text = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)
    defined = set(re.findall(r"(--ds-[\w-]+)\s*:", text))
    # var(--x, fallback) may stand without --x; Designsystemet uses it for what a page may set.
    used = set(re.findall(r"var\((--ds-[\w-]+)\)", text))
    assert len(used) > 100
    assert used - defined == set()


def test_our_styles_name_no_other_host_and_force_nothing_but_hiding_and_print() -> None:
    for name in OWN_STYLES:
        text = (STATIC / name).read_text(encoding="utf-8")
        assert "http" not in text
        assert "@import" not in text
        if name != "print.css":
            assert re.findall(r"(?<!display: none )!important", text) == []


def test_the_theme_is_our_own_and_not_the_vendor_s_blue() -> None:
    theme = (STATIC / "theme.css").read_text(encoding="utf-8").lower()
    for colour in ("#1f5c4b", "#e8a33d", "#1e2b2a"):
        assert colour in theme
    assert "#0062ba" not in theme


@pytest.mark.parametrize("path", OWN_SCRIPTS, ids=lambda path: path.name)
def test_our_scripts_evaluate_no_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", text
    )


@pytest.mark.parametrize("part", UI_PARTS)
def test_no_two_macro_files_hold_the_same_name(part: str, environment: Environment) -> None:
    def names(template: str) -> set[str]:
        tree = environment.parse((TEMPLATES / template).read_text(encoding="utf-8"))
        return {m.name for m in tree.find_all(nodes.Macro) if not m.name.startswith("_")}

    others = set().union(*(names(other) for other in UI_PARTS if other != part))
    assert names(part) & others == set()
