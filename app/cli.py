"""The command line: the same verbs as pages and API, for people at a terminal."""

import argparse
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from pydantic import ValidationError

from app.commands import demo, exports, imports, labels, report, server, set_up, verify, worker
from app.commands.words import language, spoken
from app.kit.errors import Problem
from app.kit.i18n import N_, gettext
from app.kit.validation import by_field
from app.schema import OldSchemaError
from app.settings import PREFIX, Settings

COMMANDS: Sequence[ModuleType] = (
    server,
    set_up,
    demo,
    verify,
    imports,
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
        return _run(parser().parse_args(arguments))


def _run(options: argparse.Namespace) -> int:
    try:
        settings = Settings.from_environment()
    except ValidationError as error:
        for name, text in by_field(error).items():
            print(f"{PREFIX}{name.upper()}: {text}", file=sys.stderr)
        return 1
    try:
        code: int = options.run(options, settings)
    except Problem as problem:
        text = gettext(problem.detail or problem.title)
        print(text % problem.values if problem.values else text, file=sys.stderr)
    except ValidationError as error:
        for name, text in by_field(error).items():
            print(f"{name}: {text}", file=sys.stderr)
    except OldSchemaError as error:
        print(error, file=sys.stderr)
    except BrokenPipeError:
        # The reader has seen enough (``| head``). Python must not complain once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    else:
        return code
    return 1
