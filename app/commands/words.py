"""The language of the command line, what argparse itself says included.

``OMLOP_LANGUAGE`` decides, then the terminal's own setting, where either is a finished language of
this installation; the first of these otherwise, and a setting that is none of them is named. What programs read, such as JSON, is the same in every language.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from app.kit.i18n import N_, gettext, negotiate, speaking, suiting
from app.kit.text import sayable

LANGUAGE = "OMLOP_LANGUAGE"
TERMINAL = ("LC_ALL", "LC_MESSAGES", "LANG")

ARGPARSE: Mapping[str, str] = {
    "usage: ": N_("bruk: "),
    "options": N_("valg"),
    "positional arguments": N_("skal oppgis"),
    "show this help message and exit": N_("vis denne hjelpen"),
    "%(prog)s: error: %(message)s\n": N_("%(prog)s: feil: %(message)s\n"),
    "argument %(argument_name)s: %(message)s": N_("%(argument_name)s: %(message)s"),
    "the following arguments are required: %s": N_("dette mangler: %s"),
    "one of the arguments %s is required": N_("oppgi ett av disse: %s"),
    "not allowed with argument %s": N_("kan ikke brukes sammen med %s"),
    "unrecognized arguments: %s": N_("ukjent: %s"),
    "ambiguous option: %(option)s could match %(matches)s": N_(
        "%(option)s er tvetydig: det kan være %(matches)s"
    ),
    "invalid choice: %(value)r (choose from %(choices)s)": N_(
        "%(value)r kan ikke velges (velg mellom %(choices)s)"
    ),
    "invalid %(type)s value: %(value)r": N_("%(value)r kan ikke leses"),
    "expected one argument": N_("her ventes én verdi"),
    "expected at least one argument": N_("her ventes minst én verdi"),
    "expected at most one argument": N_("her ventes høyst én verdi"),
    "ignored explicit argument %r": N_("tar ingen verdi, men fikk %r"),
}
"""argparse's own English → our message. What is not here is never met by our commands."""


def language(environment: Mapping[str, str], finished: Sequence[str]) -> str:
    """The finished language that is asked for: ``nb_NO.UTF-8`` is ``nb``; else the first one."""
    tags = [_tag(environment.get(name, "")) for name in (LANGUAGE, *TERMINAL)]
    return negotiate(",".join(each for each in tags if each), tuple(finished))


def unfinished(environment: Mapping[str, str], finished: Sequence[str]) -> str | None:
    """A message where the setting names no finished language, so that it is not passed over."""
    asked = environment.get(LANGUAGE, "")
    if not asked.strip() or suiting(_tag(asked), finished):
        return None
    text = N_("%(setting)s: «%(asked)s» er ikke et ferdig språk her. Velg mellom %(finished)s.")
    return gettext(text, setting=LANGUAGE, asked=sayable(asked), finished=", ".join(finished))


def _tag(locale_name: str) -> str:
    return locale_name.partition(".")[0].replace("_", "-")


@contextmanager
def spoken(wanted: str) -> Iterator[None]:
    """Everything that is said inside is said in that language."""
    kept = getattr(argparse, "_")  # noqa: B009  (mypy knows no such name)
    with speaking(wanted):
        # The way argparse has for other languages: it looks this name up whenever it speaks.
        setattr(argparse, "_", _argparse_s)  # noqa: B010
        try:
            yield
        finally:
            setattr(argparse, "_", kept)  # noqa: B010


def _argparse_s(text: str) -> str:
    return gettext(ARGPARSE[text]) if text in ARGPARSE else text
