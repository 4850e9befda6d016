"""The list of errors above a form says what each field is called, as the form itself calls it.

The list stands before the fields whose names it needs, so it is completed when the page is written:
each name is read from the field's own label, and no page keeps a second list of labels.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from app.kit.i18n import N_, gettext
from app.kit.validation import MESSAGES

SUMMARY = re.compile(r'<div class="ds-error-summary".*?</div>', re.DOTALL)
LINE = re.compile(r'<li><a class="ds-link" href="#([^"]+)">(.*?)</a></li>', re.DOTALL)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
# What a label holds besides the name: that the field must, or need not, be filled in.
ASIDE = re.compile(r'<span class="must">.*?</span>|<[^>]*>|\s*\([^()]*\)\s*$', re.DOTALL)
TAG = re.compile(r'<(?P<name>\w+)\b[^>]*?\sid="(?P<id>[^"]+)"[^>]*>')
CONTROLS = frozenset({"input", "select", "textarea"})
LABEL = re.compile(r'<label\b[^>]*\bfor="([^"]+)"[^>]*>(.*?)</label>', re.DOTALL)
GROUP = re.compile(
    r'<fieldset\b[^>]*\bid="([^"]+)"[^>]*>\s*<legend\b[^>]*>(.*?)</legend>', re.DOTALL
)
HEADING = re.compile(r'<h\d\b[^>]*\bid="([^"]+)"[^>]*>(.*?)</h', re.DOTALL)
ENDS_ITSELF = ("?", "!")
WITH_ERRORS = N_("Feil: %(title)s")
INCOMPLETE = N_("Skjemaet kom ikke helt fram. Last siden på nytt, og prøv igjen.")
# What says nothing where there is no field to say it at.
OF_A_FIELD = frozenset(each for each in MESSAGES.values() if "%(" not in each)


def with_names(html: str) -> str:
    """The page, each line of its summary beginning with the name of the field it leads to.

    A line that would lead nowhere, because the page has no such field, is only read: what was sent
    came from another page, or from an older one.
    """
    found = SUMMARY.search(html)
    if found is None:
        return html
    before, after = html[: found.start()], html[found.end() :]
    names = _names(before + after)
    general = {gettext(each) for each in OF_A_FIELD}
    summary = LINE.sub(lambda line: _line(names, general, line[1], line[2]), found[0])
    return TITLE.sub(_title, before, count=1) + summary + after


def _title(found: re.Match[str]) -> str:
    return f"<title>{gettext(WITH_ERRORS, title=found[1].strip())}</title>"


def _line(names: Mapping[str, str], general: AbstractSet[str], target: str, message: str) -> str:
    if target not in names:
        said = gettext(INCOMPLETE) if message in general else message
        return f'<li data-of="{target}">{said}</li>'
    said = _named(names[target], message)
    return f'<li><a class="ds-link" href="#{target}">{said}</a></li>'


def _named(name: str, message: str) -> str:
    if not name or message.startswith(name):
        return message
    return f"{name}{'' if name.endswith(ENDS_ITSELF) else ':'} {message}"


def _names(fields: str) -> dict[str, str]:
    """By id what a screen reader says of the field or part; empty for what has no name.

    All in one go: a form of a thousand fields may have as many errors.
    """
    named: tuple[dict[str, str], ...] = ({}, {}, {}, {})
    controls, labels, groups, headings = named
    titles: dict[str, str] = {}
    for tag in TAG.finditer(fields):
        target = tag["id"]
        titles.setdefault(target, _attribute("aria-labelledby", tag[0]))
        if tag["name"] in CONTROLS and (label := _attribute("aria-label", tag[0])):
            controls.setdefault(target, label)
    for place, found in ((labels, LABEL), (groups, GROUP), (headings, HEADING)):
        for each in found.finditer(fields):
            place.setdefault(each[1], each[2])
    names = {}
    for target, title in titles.items():
        ways = (controls.get(target), labels.get(target), groups.get(target))
        said = next((each for each in ways if each is not None), None)
        names[target] = _plain(said if said is not None else headings.get(title or target, ""))
    return names


def _attribute(name: str, tag: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else ""


def _plain(markup: str) -> str:
    return " ".join(ASIDE.sub("", markup.strip()).split())
