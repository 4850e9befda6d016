"""Hashes a chain's links as the database gives their rows, as far as they come out right. Pure.

Of a row the database gives the ids that are its own, each by itself; one JSON array of all its
other values, which like rows have in common and which is made into canonical JSON once for all of
them; and its one JSON column as it is stored. Nothing here says that a link is wrong: it says how
far they held.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic_core import from_json

from app.kit.canonical import canonical_of, encode

TEXTS_KEPT = 4_000
"""Stored JSON whose canonical spelling is kept: like pieces of one trip have the very same."""
FORMS_KEPT = 4_000
IDS_KEPT = 20_000

PLAIN, UUID_TEXT, MOMENT = "plain", "uuid", "moment"
DIGITS, DASHED = 32, 36
"""Letters of an id: on SQLite, which stores it without dashes, and on PostgreSQL."""
_STORED_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{6})", re.ASCII)


class Shape(NamedTuple):
    """What the database gives of a table's row, in this order, all names sorted.

    ``before`` are its own ids in front of the JSON column ``nested``, ``behind`` those after it,
    and ``shared`` the names in the array, each with its kind.
    """

    table: str
    before: Sequence[str]
    nested: str
    behind: Sequence[str]
    shared: Sequence[tuple[str, str]]

    @property
    def width(self) -> int:
        """Columns: the ids, the JSON, and the array at the end."""
        return len(self.before) + len(self.behind) + 2


class Held(NamedTuple):
    """Links that hold: the last one's number and digest, and how many there are of each table."""

    seq: int
    digest: str
    counted: Mapping[str, int]


class Rows:
    """Hashes the rows of one organisation; remembers spellings from one walk to the next."""

    def __init__(self, shapes: Sequence[Shape], org_id: str, id_length: int) -> None:
        self._ids = _Ids(id_length)
        self._said = lru_cache(maxsize=TEXTS_KEPT)(lambda text: canonical_of(text).encode())
        self._tables: dict[str, tuple[int, int, int, _Forms]] = {}
        at = 3
        for shape in shapes:
            end = at + shape.width
            nested = at + len(shape.before)
            forms = _Forms(shape, org_id, id_length)
            self._tables[shape.table] = (at, nested, end - 1, forms)
            at = end

    def walk(
        self,
        rows: Iterable[Sequence[Any]],
        after: int,
        previous: str,
        faults: tuple[type[BaseException], ...] = (),
    ) -> tuple[Held, bool]:
        """Takes (number, table, digest, and the shapes' columns), from the link behind ``after`` on.

        Gives what held, and whether that was all. ``faults`` are errors of the database by which a
        row is one that does not hold.
        """
        tables, ids, said, sha256 = self._tables, self._ids, self._said, hashlib.sha256
        # To hash five thousand letters for a look-up takes longer than to see that they are the last.
        last: dict[str, tuple[Any, bytes]] = {name: (None, said(None)) for name in tables}
        seq, counted, is_whole = after, Counter[str](), False
        unread: tuple[type[BaseException], ...] = (
            *faults,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
        )
        try:
            for row in rows:
                table = row[1]
                start, nested, shared, forms = tables[table]
                known, told = last[table]
                text = row[nested]
                if text != known:
                    told = said(text)
                    last[table] = text, told
                spelled = forms[row[shared]] % (
                    previous.encode(),
                    *[ids[each] for each in row[start:nested]],
                    told,
                    *[ids[each] for each in row[nested + 1 : shared]],
                )
                found = sha256(spelled).hexdigest()
                if found != row[2] or row[0] != seq + 1:
                    break
                seq, previous = seq + 1, found
                counted[table] += 1
            else:
                is_whole = True
        except unread:
            pass  # something that was never written by us: the careful walk says which
        return Held(seq, previous, counted), is_whole


class _Ids(dict[Any, bytes]):
    """Ids as they are hashed, by their digits. An event's stands in four more columns."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self._length = length

    def __missing__(self, digits: Any) -> bytes:
        if len(self) >= IDS_KEPT:
            self.clear()
        self[digits] = found = _dashed(digits, self._length).encode()
        return found


class _Forms(dict[Any, bytes]):
    """The row as it is hashed, by the array of what it shares; ``%b`` for what is its own."""

    def __init__(self, shape: Shape, org_id: str, id_length: int) -> None:
        super().__init__()
        self._shape, self._org_id, self._id_length = shape, org_id, id_length

    def __missing__(self, array: Any) -> bytes:
        if len(self) >= FORMS_KEPT:
            self.clear()
        self[array] = found = self._form(from_json(array)).encode()
        return found

    def _form(self, values: Sequence[Any]) -> str:
        shape = self._shape
        spelled = {"org_id": encode(self._org_id), shape.nested: None}
        spelled.update(dict.fromkeys((*shape.before, *shape.behind), '"%b"'))
        for (name, kind), value in zip(shape.shared, values, strict=True):
            spelled[name] = encode(self._value(kind, value)).replace("%", "%%")
        said = ",".join(f"{encode(name)}:{spelled[name] or '%b'}" for name in sorted(spelled))
        return f"%b\n{shape.table}\n{{{said}}}"

    def _value(self, kind: str, value: Any) -> Any:
        """As it was hashed. What is stored otherwise than we store it must not come out alike."""
        if value is None or kind == PLAIN:
            return value
        if kind == UUID_TEXT:
            return _dashed(value, self._id_length)
        return value if self._id_length == DASHED else _moment(value)


def _dashed(digits: Any, length: int) -> str:
    if type(digits) is not str or len(digits) != length:
        message = f"no id of {length} letters"
        raise ValueError(message)
    if length == DASHED:
        return digits
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _moment(stored: Any) -> str:
    found = _STORED_MOMENT.fullmatch(stored)
    if found is None:
        message = "no moment as SQLite stores it"
        raise ValueError(message)
    day, time, fraction = found.groups()
    return f"{day}T{time}{'' if fraction == '.000000' else fraction}+00:00"
