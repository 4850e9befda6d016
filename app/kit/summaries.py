"""The list of errors above a form says what each field is called, as the form itself calls it.

The list stands before the fields whose names it needs, so it is completed when the page is written:
each name is read from the field's own label, and no page keeps a second list of labels.
"""

import re

from app.kit.i18n import N_, gettext

SUMMARY = re.compile(r'<div class="ds-error-summary".*?</div>', re.DOTALL)
LINE = re.compile(r'<li><a class="ds-link" href="#([^"]+)">(.*?)</a></li>', re.DOTALL)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
# What a label holds besides the name: that the field must, or need not, be filled in.
ASIDE = re.compile(r'<span class="must">.*?</span>|<[^>]*>|\s*\([^()]*\)\s*$', re.DOTALL)
ENDS_ITSELF = ("?", "!")
WITH_ERRORS = N_("Feil: %(title)s")


def with_names(html: str) -> str:
    """The page, each line of its summary beginning with the name of the field it leads to.

    A line that would lead nowhere, because the page has no such field, is only read.
    """
    found = SUMMARY.search(html)
    if found is None:
        return html
    before, after = html[: found.start()], html[found.end() :]
    fields = before + after
    summary = LINE.sub(lambda line: _line(fields, line[1], line[2]), found[0])
    return TITLE.sub(_title, before, count=1) + summary + after


def _title(found: re.Match[str]) -> str:
    return f"<title>{gettext(WITH_ERRORS, title=found[1].strip())}</title>"


def _line(fields: str, target: str, message: str) -> str:
    if f'id="{target}"' not in fields:
        return f"<li>{message}</li>"
    return f'<li><a class="ds-link" href="#{target}">{_named(fields, target, message)}</a></li>'


def _named(fields: str, target: str, message: str) -> str:
    name = _name(fields, re.escape(target))
    if not name or message.startswith(name):
        return message
    return f"{name}{'' if name.endswith(ENDS_ITSELF) else ':'} {message}"


def _name(fields: str, target: str) -> str:
    """What a screen reader says of the field or part; empty for what has no name."""
    title = re.search(rf'\bid="{target}"[^>]*\baria-labelledby="([^"]+)"', fields)
    for pattern in (
        rf'<(?:input|select|textarea)\b[^>]*\bid="{target}"[^>]*\baria-label="([^"]*)"',
        rf'<label\b[^>]*\bfor="{target}"[^>]*>(.*?)</label>',
        rf'<fieldset\b[^>]*\bid="{target}"[^>]*>\s*<legend\b[^>]*>(.*?)</legend>',
        rf'<h\d\b[^>]*\bid="{re.escape(title[1]) if title else target}"[^>]*>(.*?)</h',
    ):
        found = re.search(pattern, fields, re.DOTALL)
        if found is not None:
            return " ".join(ASIDE.sub("", found[1].strip()).split())
    return ""
