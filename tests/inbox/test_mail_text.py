"""Pasted e-mails: Outlook's headers in four languages, and nothing where there is nothing."""

from datetime import date

import pytest

from app.inbox.mail_text import PastedMail, read_mail

BODY = "Hei!\n\nStolene på vaktrommet er ødelagt.\n\nHilsen Anne"


@pytest.mark.parametrize(
    "head",
    [
        (
            "Fra: Anne Berg <anne.berg@example.no>\nSendt: mandag 23. november 2026 09:12\n"
            "Til: Møbler <mobler@example.no>\nKopi: Per\nEmne: Ødelagte stoler"
        ),
        (
            "Frå: Anne Berg <anne.berg@example.no>\nSendt: 23.11.2026 09:12\nTil: Møblar\n"
            "Emne: Ødelagte stoler"
        ),
        (
            "Från: Anne Berg <anne.berg@example.no>\nSkickat: den 23 november 2026 09:12\n"
            "Till: Möbler\nKopia: Per\nÄmne: Ødelagte stoler"
        ),
        (
            "From: Anne Berg <anne.berg@example.no>\nSent: Monday, November 23, 2026 9:12 AM\n"
            "To: Furniture\nCc: Per\nSubject: Ødelagte stoler\nImportance: High"
        ),
        (
            "From: Anne Berg <anne.berg@example.no>\nDate: Mon, 23 Nov 2026 09:12:00 +0100\n"
            "Subject: Ødelagte stoler\nTo: a@example.no,\n b@example.no"
        ),
        (
            "-----Opprinnelig melding-----\n*Fra:* Anne Berg [mailto:anne.berg@example.no]\n"
            "*Sendt:* 2026-11-23 09:12\n*Emne:* Ødelagte stoler"
        ),
        (
            '\n________________________________\nFra:\t"Anne Berg" <anne.berg@example.no>\n'
            "Dato: 23. nov. 2026\nEmne:   Ødelagte\n stoler"
        ),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_headers_are_found_in_every_language(head: str, newline: str) -> None:
    mail = read_mail(f"{head}\n\n{BODY}".replace("\n", newline))

    assert mail == PastedMail(
        sender_name="Anne Berg",
        sender_email="anne.berg@example.no",
        subject="Ødelagte stoler",
        sent_on=date(2026, 11, 23),
        text=BODY,
    )


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "",
        "   \n\n ",
        "Merk: dette er viktig\nTil: alle",
        f"{BODY}\n\nFra: Per <per@example.no>\nEmne: Noe annet\n\nGammelt",
        "Klokken: 12\nFra: stolen er det falt av et hjul",
    ],
)
def test_what_has_no_headers_above_it_is_text_and_nothing_is_invented(text: str) -> None:
    assert read_mail(text) == PastedMail(None, None, None, None, text.strip())


def test_a_header_that_can_not_be_read_stays_empty() -> None:
    mail = read_mail("Fra: Anne Berg\nSendt: i går\nEmne:\n\nHei")

    assert mail == PastedMail("Anne Berg", None, None, None, "Hei")
    assert read_mail("Fra: a@b.no\nSendt: 31.02.2026\nEmne: x\n\ny").sent_on is None


def test_an_older_message_that_is_quoted_stays_in_the_text() -> None:
    older = "Fra: Per <per@example.no>\nSendt: 1.1.2020\nEmne: Gammelt\n\nGammel tekst"
    mail = read_mail(f"Fra: Anne Berg\nEmne: Nytt\n\nHei\n\n{older}")

    assert (mail.sender_name, mail.subject, mail.text) == ("Anne Berg", "Nytt", f"Hei\n\n{older}")


def test_a_long_text_is_read_at_once() -> None:
    assert read_mail("Fra: x\n" + "*" * 100_000 + "\n" + " >" * 50_000).sender_name == "x"
