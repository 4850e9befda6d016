"""Files that a command reads and writes; what the system refuses is said in the reader's language."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.kit.errors import Invalid, NotFound, Problem
from app.kit.i18n import N_
from app.kit.text import sayable

_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR})


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raises ``NotFound`` or ``Invalid`` for what the system refuses inside."""
    try:
        yield
    except OSError as error:
        if error.errno in _ABSENT:
            raise NotFound(N_("Filen %(file)s finnes ikke."), values=_of(path)) from error
        if error.errno in _NOT_ALLOWED:
            raise Invalid(N_("Ingen tilgang til å lese %(file)s."), values=_of(path)) from error
        raise _refusal(error, path, N_("Kan ikke lese filen %(file)s.")) from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raises ``Invalid`` for what the system refuses inside."""
    try:
        yield
    except OSError as error:
        raise unwritten(error, path) from error


def unwritten(error: OSError, path: Path | None = None) -> Problem:
    """Why something could not be written; ``path`` is the error's own when none is given."""
    if path is None and error.filename is not None:
        path = Path(error.filename)
    if path is None:
        if error.errno in _FULL:
            return Invalid(N_("Disken er full."))
        return Invalid(
            N_("Kan ikke lese eller skrive (feil %(code)s)."), values={"code": error.errno}
        )
    if error.errno in _ABSENT:
        return Invalid(N_("Mappen til %(file)s finnes ikke."), values=_of(path))
    if error.errno in _NOT_ALLOWED:
        return Invalid(N_("Ingen tilgang til å skrive %(file)s."), values=_of(path))
    if error.errno in _FULL:
        return Invalid(N_("Disken er full; %(file)s er ikke skrevet."), values=_of(path))
    return _refusal(error, path, N_("Kan ikke skrive til filen %(file)s."))


def _of(path: Path) -> dict[str, object]:
    return {"file": sayable(str(path))}


def _refusal(error: OSError, path: Path, otherwise: str) -> Problem:
    if error.errno == errno.EISDIR:
        return Invalid(N_("%(file)s er en mappe, ikke en fil."), values=_of(path))
    return Invalid(otherwise, values=_of(path))
