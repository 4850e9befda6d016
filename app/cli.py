"""The command line: the same verbs as pages and API, for people at a terminal."""

import argparse
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from pydantic import ValidationError

from app.commands import demo, exports, imports, labels, report, server, set_up, verify, worker
from app.kit.errors import Problem
from app.kit.i18n import gettext
from app.schema import OldSchemaError
from app.settings import Settings

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
    top = argparse.ArgumentParser(prog="omlop", description="Keeps furniture in circulation.")
    parsers = top.add_subparsers(required=True, metavar="command")
    for module in COMMANDS:
        module.add(parsers)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Gives 0, or 1 with a message on standard error."""
    options = parser().parse_args(arguments)
    try:
        settings = Settings.from_environment()
        code: int = options.run(options, settings)
    except Problem as problem:
        text = gettext(problem.detail or problem.title)
        print(text % problem.values if problem.values else text, file=sys.stderr)
    except (OldSchemaError, ValidationError) as error:
        print(error, file=sys.stderr)
    except BrokenPipeError:
        # The reader has seen enough (``| head``). Python must not complain once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    else:
        return code
    return 1
