"""An e-mail as it is pasted: sender, subject, day and text, where they stand there. No session.

What Outlook writes above a message is read in bokmål, nynorsk, Swedish and English. Nothing is
guessed: a header that is not there, or can not be read with certainty, stays empty.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime

from app.kit.text import sayable

SENDER, SENT, SUBJECT, OTHER = "sender", "sent", "subject", "other"
_LABELS: Mapping[str, str] = {
    **dict.fromkeys(("fra", "frå", "från", "from"), SENDER),
    **dict.fromkeys(("sendt", "skickat", "skickades", "sent", "dato", "datum", "date"), SENT),
    **dict.fromkeys(("emne", "ämne", "subject"), SUBJECT),
    **dict.fromkeys(("til", "till", "to", "kopi", "kopia", "cc", "blindkopi", "bcc"), OTHER),
    **dict.fromkeys(("viktighet", "prioritet", "importance", "vedlegg", "attachments"), OTHER),
    **dict.fromkeys(("svar til", "reply-to", "bifogade filer", "bilagor"), OTHER),
}
_HEADER = re.compile(
    r"[>\s*_]*([A-Za-zÅÄÖØÆåäöøæ-]+(?: (?:til|filer))?)\s*[*_]*\s*:[*_]*[ \t]*(.*)"
)
_BETWEEN = re.compile(
    r"[\s>*]*(?:[-_=]{2,}.*|(?:begin|start).*(?:melding|message).*:)?[\s>*]*", re.IGNORECASE
)
_ADDRESS = re.compile(r"[^\s<>\[\]()\"',;:]+@[^\s<>\[\]()\"',;:]+\.[^\s<>\[\]()\"',;:]+")
_MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "januar", "januari", "january"),
            ("feb", "februar", "februari", "february"),
            ("mar", "mars", "march"),
            ("apr", "april"),
            ("mai", "maj", "may"),
            ("jun", "juni", "june"),
            ("jul", "juli", "july"),
            ("aug", "august", "augusti"),
            ("sep", "sept", "september"),
            ("okt", "oct", "oktober", "october"),
            ("nov", "november"),
            ("des", "dec", "desember", "december"),
        ),
        1,
    )
    for name in names
}
_DAY_FIRST = re.compile(r"\b(\d{1,2})\.?\s+([a-zåäö]{3,9})\.?,?\s+(\d{4})\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(
    r"\b([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b", re.IGNORECASE
)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DOTTED = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")


@dataclass(frozen=True, slots=True)
class PastedMail:
    """Empty where the text does not say it."""

    sender_name: str | None
    sender_email: str | None
    subject: str | None
    sent_on: date | None
    text: str


def read_mail(pasted: str) -> PastedMail:
    """The headers at the top of what was pasted, and what follows them.

    Headers further down are those of an older message that is quoted, and are left where they are.
    """
    lines = pasted.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").split("\n")
    found, end = _headers(lines)
    if SENDER not in found and SUBJECT not in found:
        return PastedMail(None, None, None, None, pasted.strip())
    name, email = _sender(found.get(SENDER, ""))
    return PastedMail(
        sender_name=name,
        sender_email=email,
        subject=_whole(found.get(SUBJECT, ""), 200),
        sent_on=_day(found.get(SENT, "")),
        text="\n".join(lines[end:]).strip(),
    )


def _headers(lines: Sequence[str]) -> tuple[Mapping[str, str], int]:
    """What stands in the first lines, and where the message begins.

    Nothing if anything but rules and blanks comes before. A value may go on in lines moved in.
    """
    found: dict[str, str] = {}
    last: str | None = None
    for at, line in enumerate(lines):
        header = _HEADER.fullmatch(line.rstrip())
        label = _LABELS.get(header[1].lower()) if header else None
        if header is not None and label is not None:
            if label in found and label != OTHER:
                return found, at  # a second "From": the message is empty and quotes another
            found[label] = header[2].strip()
            last = label
        elif last is None:
            if not _BETWEEN.fullmatch(line):
                return {}, 0
        elif line[:1] in " \t" and line.strip():
            found[last] = f"{found[last]} {line.strip()}".strip()
        else:
            return found, at
    return found, len(lines)


def _whole(text: str, most: int) -> str | None:
    """As a field takes it: one line without control characters."""
    return sayable(" ".join(text.split()))[:most].strip() or None


def _sender(text: str) -> tuple[str | None, str | None]:
    address = _ADDRESS.search(text)
    name = text[: address.start()] if address else text
    name = re.sub(r"mailto:?", "", name, flags=re.IGNORECASE).strip(" \t<>[]()\"'*_,;:")
    return _whole(name, 120), address[0].strip(".")[:254] if address else None


def _day(text: str) -> date | None:
    for pattern, order in (
        (_ISO, "ymd"),
        (_DOTTED, "dmy"),
        (_DAY_FIRST, "dmy"),
        (_MONTH_FIRST, "mdy"),
    ):
        if found := pattern.search(text):
            parts = dict(zip(order, found.groups(), strict=True))
            month = parts["m"]
            number = int(month) if month.isdecimal() else _MONTHS.get(month.lower(), 0)
            try:
                return date(int(parts["y"]), number, int(parts["d"]))
            except ValueError:
                return None
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError):
        return None
