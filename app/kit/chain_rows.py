"""Hashes a chain's links as the database gives their rows, as far as they come out right. Pure.

Of a row the database gives the ids that are its own, each by itself; one JSON array of all its
other values, which like rows have in common and which is made into canonical JSON once for all of
them; and its one JSON column as it is stored. Nothing here says that a link is wrong: it says how
far they held.

A link's own digest is hashed from the one stored before it, so that no row waits for another: some
hundred rows are taken at once, column by column, and only the hashing itself is done row by row.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count, islice
from types import MappingProxyType
from typing import Any, NamedTuple

from app.kit.canonical import canonical_of, encode, parsed

TEXTS_KEPT = 4_000
"""Stored JSON whose canonical spelling is kept: like pieces of one trip have the very same."""
FORMS_KEPT = 4_000
ROWS_AT_ONCE = 500
"""Few enough to stay in the processor's own memory, and many enough for their columns to be long."""

PLAIN, UUID_TEXT, MOMENT = "plain", "uuid", "moment"
DIGITS, DASHED = 32, 36
"""Letters of an id: on SQLite, which stores it without dashes, and on PostgreSQL."""
DIGEST = 64
_STORED_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{6})", re.ASCII)
_SENT_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00:00", re.ASCII)
_OWN = "\0"
"""Stands for what is a row's own: JSON's text never has this letter."""
BETWEEN = "\0between\0"
"""Stands between values that are made into JSON together, so that they are told apart again."""
_DASHES = (8, 12, 16, 20)
_PLACES = [(at + sum(dash <= at for dash in _DASHES), at) for at in range(DIGITS)]
"""Where each digit stands between dashes."""


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


class Alike(NamedTuple):
    """A table's rows that held, in their order: what each shares with others, and ids of its own.

    ``shared`` are the JSON columns as they are stored, each with the arrays of the rows that have it
    and the numbers those go by; ``which`` is the number of each row. ``own`` are the ids that were
    asked for, by their column's name, one behind the other.
    """

    shared: Sequence[tuple[str, Sequence[tuple[int, str]]]]
    which: Sequence[int]
    own: Mapping[str, str]


class Held(NamedTuple):
    """Links that hold: the last one's number and digest, and how many there are of each table.

    ``alike`` is what rows of the tallied tables share, and of use where all of them held.
    """

    seq: int
    digest: str
    counted: Mapping[str, int]
    alike: Mapping[str, Alike]


class Rows:
    """Hashes the rows of one organisation; remembers spellings from one walk to the next."""

    def __init__(
        self,
        shapes: Sequence[Shape],
        org_id: str,
        id_length: int,
        tallied: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        """Of ``tallied`` tables, whose JSON is mostly shared, it is said which rows are alike.

        And the ids in the columns that are named with each.
        """
        self._tables: list[_Table] = []
        at = 3
        for shape in shapes:
            names = tallied.get(shape.table)
            table = _Table(shape, at, org_id, id_length)
            self._tables.append(table if names is None else _Tallied(table, names))
            at += shape.width

    def walk(
        self,
        rows: Iterable[Sequence[Any]],
        after: int,
        previous: str,
        faults: tuple[type[BaseException], ...] = (),
    ) -> tuple[Held, bool]:
        """Takes (number, table, digest, and the shapes' columns), from the link behind ``after`` on.

        Gives what held, and whether that was all. ``faults`` are errors of the database by which a
        row is one that does not hold; what was read along with it is not said to hold either.
        """
        for table in self._tables:
            table.begin()
        seq, counted, is_whole = after, Counter[str](), False
        unread: tuple[type[BaseException], ...] = (
            *faults,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
        )
        coming = iter(rows)
        try:
            while some := list(islice(coming, ROWS_AT_ONCE)):
                held = self._held(some, seq, previous)
                counted.update(row[1] for row in some[:held])
                if held:
                    seq, previous = seq + held, some[held - 1][2]
                if held < len(some):
                    break
            else:
                is_whole = True
            alike = {each.name: each.alike() for each in self._tables} if is_whole else {}
        except unread:
            # Something that was never written by us: the careful walk says which.
            is_whole, alike = False, {}
        told = {name: each for name, each in alike.items() if each is not None}
        return Held(seq, previous, counted, told), is_whole

    def _held(self, rows: Sequence[Sequence[Any]], seq: int, previous: str) -> int:
        """How many of the rows hold, from the first on."""
        digests = [row[2] for row in rows]
        before = [previous.encode(), *_cut("".join(digests).encode(), DIGEST)]
        found: list[str | None] = [None] * len(rows)
        for table in self._tables:
            at = [number for number, row in enumerate(rows) if row[1] == table.name]
            if not at:
                continue
            own = table.hashed([rows[each] for each in at], [before[each] for each in at])
            for each, digest in zip(at, own, strict=True):
                found[each] = digest
        numbers = [row[0] for row in rows]
        expected = list(range(seq + 1, seq + len(rows) + 1))
        if found == digests and numbers == expected:
            return len(rows)
        pairs = zip(found, digests, numbers, expected, strict=True)
        return next(
            at
            for at, (mine, stored, number, due) in enumerate(pairs)
            if mine != stored or number != due
        )


class _Table:
    """One table's rows among others."""

    def __init__(self, shape: Shape, start: int, org_id: str, id_length: int) -> None:
        self.name = shape.table
        self.nested = start + len(shape.before)
        self.shared = start + shape.width - 1
        self.before = range(start, self.nested)
        self.behind = range(self.nested + 1, self.shared)
        self.columns = dict(
            zip(
                (*shape.before, shape.nested, *shape.behind), range(start, self.shared), strict=True
            )
        )
        self.forms = _Forms(shape, org_id, id_length)
        self._length = id_length

    def begin(self) -> None:
        """Before the first row of a walk."""

    def alike(self) -> Alike | None:
        """What the rows of this walk share; nothing where that is not asked."""
        return None

    def hashed(self, rows: Sequence[Sequence[Any]], before: Sequence[bytes]) -> Iterator[str]:
        """The digest of each, as it has to be behind the digest ``before`` it."""
        columns = list(zip(*rows, strict=True))
        own = self.own(columns)
        forms = list(zip(*self.parts(columns), strict=True))
        pieces: list[Sequence[bytes]] = [before]
        for form, values in zip(forms, own, strict=False):
            pieces += form, values
        pieces.append(forms[-1])
        sha256 = hashlib.sha256
        return (sha256(row).hexdigest() for row in map(b"".join, zip(*pieces, strict=True)))

    def own(self, columns: Sequence[Sequence[Any]]) -> list[Sequence[bytes]]:
        """What each row has for itself, in the order of the form's gaps."""
        said = _said(columns[self.nested])
        return [*self.ids(columns, self.before), said, *self.ids(columns, self.behind)]

    def parts(self, columns: Sequence[Sequence[Any]]) -> Iterable[Sequence[bytes]]:
        """The form of each row: what stands around its own values."""
        return [self.forms[each] for each in columns[self.shared]]

    def ids(self, columns: Sequence[Sequence[Any]], which: Iterable[int]) -> list[Sequence[bytes]]:
        """Columns of ids, spelled. One that is as another, as an event's mostly is, is spelled once."""
        found: dict[Sequence[Any], Sequence[bytes]] = {}
        for each in which:
            column = columns[each]
            if column not in found:
                found[column] = _spelled_ids(column, self._length)
        return [found[columns[each]] for each in which]


class _Like(NamedTuple):
    """Rows that are alike: the number they go by, and their form."""

    number: int
    form: Sequence[bytes]


class _Tallied(_Table):
    """A table many rows of which have the very same JSON: it stands in their form, and they are told."""

    def __init__(self, table: _Table, names: Sequence[str]) -> None:
        vars(self).update(vars(table))
        self._told = {name: self.columns[name] for name in names}
        self._canonical = lru_cache(maxsize=TEXTS_KEPT)(lambda text: canonical_of(text).encode())
        self.begin()

    def begin(self) -> None:
        self._seen: dict[Any, dict[Any, _Like]] = {}
        self._which: list[int] = []
        self._own: dict[str, list[str]] = {name: [] for name in self._told}
        self._numbers = count()

    def alike(self) -> Alike:
        shared = [
            (_text(text), [(like.number, _text(array)) for array, like in likes.items()])
            for text, likes in self._seen.items()
        ]
        own = {name: "".join(ids) for name, ids in self._own.items()}
        return Alike(shared, self._which, own)

    def own(self, columns: Sequence[Sequence[Any]]) -> list[Sequence[bytes]]:
        for name, at in self._told.items():
            self._own[name] += columns[at]
        return self.ids(columns, (*self.before, *self.behind))

    def parts(self, columns: Sequence[Sequence[Any]]) -> Iterable[Sequence[bytes]]:
        last: Any = None
        likes: dict[Any, _Like] = {}
        found, which = [], self._which
        for text, array in zip(columns[self.nested], columns[self.shared], strict=True):
            # To hash five thousand letters for a look-up takes longer than to see that they are the
            # last.
            if text != last:
                last, likes = text, self._seen.setdefault(text, {})
            like = likes.get(array)
            if like is None:
                like = likes[array] = _Like(next(self._numbers), self._filled(array, text))
            which.append(like.number)
            found.append(like.form)
        return found

    def _filled(self, array: Any, text: Any) -> Sequence[bytes]:
        """The form of an array with the JSON in its place."""
        parts, gap = self.forms[array], len(self.before)
        filled = parts[gap] + self._canonical(text) + parts[gap + 1]
        return (*parts[:gap], filled, *parts[gap + 2 :])


class _Forms(dict[Any, Sequence[bytes]]):
    """The row as it is hashed, by the array of what it shares: what stands around its own values."""

    def __init__(self, shape: Shape, org_id: str, id_length: int) -> None:
        super().__init__()
        self._shape, self._org_id, self._id_length = shape, org_id, id_length

    def __missing__(self, array: Any) -> Sequence[bytes]:
        if len(self) >= FORMS_KEPT:
            self.clear()
        self[array] = found = tuple(self._form(parsed(array)).encode().split(_OWN.encode()))
        return found

    def _form(self, values: Sequence[Any]) -> str:
        shape = self._shape
        spelled = {"org_id": encode(self._org_id), shape.nested: _OWN}
        spelled.update(dict.fromkeys((*shape.before, *shape.behind), f'"{_OWN}"'))
        for (name, kind), value in zip(shape.shared, values, strict=True):
            spelled[name] = encode(self._value(kind, value))
        said = ",".join(f"{encode(name)}:{spelled[name]}" for name in sorted(spelled))
        return f"\n{shape.table}\n{{{said}}}"

    def _value(self, kind: str, value: Any) -> Any:
        """As it was hashed. What is stored otherwise than we store it must not come out alike."""
        if value is None or kind == PLAIN:
            return value
        if kind == UUID_TEXT:
            return _dashed(value, self._id_length)
        return _sent_moment(value) if self._id_length == DASHED else _moment(value)


def _cut(text: bytes, length: int) -> list[bytes]:
    return [text[at : at + length] for at in range(0, len(text), length)]


def _said(column: Sequence[Any]) -> Sequence[bytes]:
    """Each row's JSON in its one spelling: what the row before has too is spelled once."""
    texts: list[Any] = []
    at: list[int] = []
    for each in column:
        if not texts or each != texts[-1]:
            texts.append(each)
        at.append(len(texts) - 1)
    spelled = _spelled(texts)
    return [spelled[each] for each in at]


def _spelled(texts: Sequence[Any]) -> Sequence[bytes]:
    """Stored JSON in its one spelling: an encoder that is begun for each takes thrice the time."""
    values: list[Any] = []
    for each in texts:
        values += parsed(each), BETWEEN
    said = encode(values)[1:].split(f",{encode(BETWEEN)}")
    # The last one is what closes the list. More are there where a value says the same as we do.
    if len(said) == len(texts) + 1:
        return [each.removeprefix(",").encode() for each in said[:-1]]
    return [canonical_of(each).encode() for each in texts]


def _text(stored: Any) -> str:
    """SQLite gives bytes, which are hashed as such."""
    return stored.decode() if isinstance(stored, bytes) else str(stored)


def _spelled_ids(column: Sequence[Any], length: int) -> Sequence[bytes]:
    """Ids as they are hashed. An id of its own costs ten times as much as one among some hundred."""
    digits = "".join(column).encode()
    if len(digits) != length * len(column) or set(map(len, column)) != {length}:
        message = f"no ids of {length} letters"
        raise ValueError(message)
    if length == DASHED:
        return _cut(digits, DASHED)
    spelled = bytearray(b"-" * (DASHED * len(column)))
    for to, at in _PLACES:
        spelled[to::DASHED] = digits[at::DIGITS]
    return _cut(bytes(spelled), DASHED)


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


def _sent_moment(sent: Any) -> str:
    """PostgreSQL leaves zeros at the end out. In another zone than UTC it is not what was hashed."""
    found = _SENT_MOMENT.fullmatch(sent)
    if found is None:
        message = "no moment as PostgreSQL spells it"
        raise ValueError(message)
    second, fraction = found.groups()
    return f"{second}{'' if fraction is None else f'.{fraction:0<6}'}+00:00"
