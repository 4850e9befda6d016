"""Letters out of the house: standard SMTP, one connection a letter, never inside a transaction."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate

TIMEOUT_SECONDS = 20
PERMANENT = 500
"""SMTP codes from here on say that the same letter will never be taken."""


class LetterInvalid(ValueError):  # noqa: N818  (named by the fact)
    """A header would hold a line break: somebody tries to add headers of their own."""


class MailNotTaken(Exception):  # noqa: N818  (named by the fact)
    """The server did not take the letter; ``is_final`` when trying again can not help."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail to one person. ``message_id`` is the same at every attempt.

    ``calendar`` is the text of a calendar file that goes with it.
    """

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    calendar: str | None = None

    def message(self, sender: str) -> EmailMessage:
        """Raises ``LetterInvalid`` when a header is more than one line."""
        headers = {"To": self.to, "Subject": self.subject, "Message-ID": self.message_id}
        if any(mark in value for value in (*headers.values(), sender) for mark in "\r\n\0"):
            raise LetterInvalid
        message = EmailMessage()
        message["From"] = sender
        for name, value in headers.items():
            message[name] = value
        message["Date"] = formatdate(localtime=False)
        message["Auto-Submitted"] = "auto-generated"  # no holiday replies to it (RFC 3834)
        message.set_content(self.text)
        message.add_alternative(self.html, subtype="html")
        if self.calendar is not None:
            method = "CANCEL" if "METHOD:CANCEL" in self.calendar else "PUBLISH"
            message.add_attachment(
                self.calendar,
                subtype="calendar",
                filename="befaring.ics",
                params={"method": method},
            )
        return message


@dataclass(frozen=True)
class Mail:
    """The installation's SMTP server. Without a host nothing is sent, and letters wait."""

    host: str = ""
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    is_encrypted: bool = True
    sender: str = "omlop@localhost"

    @property
    def is_set(self) -> bool:
        return bool(self.host)

    def deliver(self, letter: Letter) -> None:
        """Hands the letter to the server.

        Raises ``MailNotTaken`` with a reason that holds no secret, ``LetterInvalid`` for a header
        of several lines.
        """
        message = letter.message(self.sender)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS) as server:
                if self.is_encrypted:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except smtplib.SMTPAuthenticationError as error:
            # Ours to mend, and another attempt then helps.
            raise MailNotTaken(f"sign-in refused: {error.smtp_code}", is_final=False) from None
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            reason = f"recipient refused: {', '.join(map(str, codes))}"
            raise MailNotTaken(reason, is_final=min(codes) >= PERMANENT) from None
        except smtplib.SMTPResponseException as error:
            reason = f"{type(error).__name__}: {error.smtp_code}"
            raise MailNotTaken(reason, is_final=error.smtp_code >= PERMANENT) from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailNotTaken(f"{type(error).__name__}: {error}"[:300], is_final=False) from None
