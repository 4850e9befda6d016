"""The command line: the same verbs as pages and API, for people at a terminal."""

import argparse
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from app.commands import (
    demo,
    exports,
    imports,
    labels,
    prices,
    report,
    server,
    set_up,
    verify,
    worker,
)
from app.commands.disk import unwritten
from app.commands.words import language, spoken, unfinished
from app.kit.errors import Problem
from app.kit.i18n import N_, gettext
from app.kit.validation import by_field
from app.schema import UNREACHED, OldSchemaError
from app.settings import PREFIX, Settings

COMMANDS: Sequence[ModuleType] = (
    server,
    set_up,
    demo,
    verify,
    imports,
    prices,
    labels,
    report,
    exports,
    worker,
)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="omlop", description=gettext(N_("Holder virksomhetens møbler i omløp."))
    )
    parsers = top.add_subparsers(
        required=True, title=gettext(N_("kommandoer")), metavar=gettext(N_("KOMMANDO"))
    )
    for module in COMMANDS:
        module.add(parsers)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Gives 0, or 1 with a message on standard error."""
    finished = Settings.model_fields["languages"].default
    languages = os.environ.get("OMLOP_LANGUAGES", finished).replace(" ", "").split(",")
    with spoken(language(os.environ, languages)):
        if (warning := unfinished(os.environ, languages)) is not None:
            print(warning, file=sys.stderr)
        return _run(parser().parse_args(arguments))


def _run(options: argparse.Namespace) -> int:
    try:
        settings = Settings.from_environment()
    except ValidationError as error:
        print(_lines(error, PREFIX), file=sys.stderr)
        return 1
    try:
        return _done(options, settings)
    except BrokenPipeError:
        # The reader has seen enough (``| head``). Python must not complain once more as it ends.
        _forget_the_rest()
    except OSError as error:
        print(_words(unwritten(error)), file=sys.stderr)
        if error.filename is None:  # standard output itself
            _forget_the_rest()
    except (Problem, ValidationError, OldSchemaError, OperationalError) as error:
        print(_words(error), file=sys.stderr)
    return 1


def _words(error: Problem | ValidationError | OldSchemaError | OperationalError) -> str:
    """What went wrong, for the one who typed the command."""
    if isinstance(error, Problem):
        text = gettext(error.detail or error.title)
        return text % error.values if error.values else text
    if isinstance(error, ValidationError):
        return _lines(error)
    return gettext(UNREACHED) if isinstance(error, OperationalError) else str(error)


def _lines(error: ValidationError, prefix: str = "") -> str:
    """Each wrong field on a line; with a prefix as the setting it is."""
    return "\n".join(
        f"{prefix + name.upper() if prefix else name}: {text}"
        for name, text in by_field(error).items()
    )


def _done(options: argparse.Namespace, settings: Settings) -> int:
    code: int = options.run(options, settings)
    sys.stdout.flush()  # a full disk is met here, and not as Python ends
    return code


def _forget_the_rest() -> None:
    """What still waits to be printed must not fail once more as Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
