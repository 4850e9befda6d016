"""Letters over an encrypted connection: only to a server whose certificate holds."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.kit.mail import Letter, Mail, MailNotTaken
from tests.notices.post import Sink
from tools.demo_site import free_port

LETTER = Letter("to@example.no", "Hei", "Hei.", "<p>Hei.</p>", "<1@omlop.example.no>")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process trusts the authority, as a server trusts its organisation's."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


def _is_known(_server: Any, _session: Any, _envelope: Any, _how: str, said: Any) -> AuthResult:
    is_right = isinstance(said, LoginPassword) and said.password == b"right"
    return AuthResult(success=is_right, handled=is_right)


@contextmanager
def _server(sink: Sink, certificate: trustme.LeafCert | None) -> Iterator[int]:
    """A server that takes letters from those signed in, and signs in over TLS alone."""
    options: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        options = {"tls_context": context, "require_starttls": True, "auth_required": True}
    port = free_port()
    running = Controller(sink, hostname="127.0.0.1", port=port, authenticator=_is_known, **options)
    running.start()
    try:
        yield port
    finally:
        running.stop()


def _mail(port: int, password: str = "right") -> Mail:
    return Mail("127.0.0.1", port, user="omlop", password=password, sender="omlop@example.no")


@pytest.mark.usefixtures("trusted")
def test_a_letter_is_taken_over_tls_after_signing_in(authority: trustme.CA) -> None:
    sink = Sink()
    with _server(sink, authority.issue_cert("127.0.0.1")) as port:
        _mail(port).deliver(LETTER)
    assert sink.ids == [LETTER.message_id]


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_ours_to_mend_and_no_letter_leaves(authority: trustme.CA) -> None:
    sink = Sink()
    with (
        _server(sink, authority.issue_cert("127.0.0.1")) as port,
        pytest.raises(MailNotTaken, match="sign-in refused") as refusal,
    ):
        _mail(port, "wrong").deliver(LETTER)
    assert not refusal.value.is_final
    assert "wrong" not in str(refusal.value)
    assert sink.letters == []


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("fault", ["another name", "nobody we know", "no encryption"])
def test_neither_letter_nor_password_goes_to_a_server_that_cannot_prove_itself(
    authority: trustme.CA, fault: str
) -> None:
    certificate = {
        "another name": authority.issue_cert("post.example.no"),
        "nobody we know": trustme.CA().issue_cert("127.0.0.1"),
        "no encryption": None,
    }[fault]
    sink = Sink()
    with _server(sink, certificate) as port, pytest.raises(MailNotTaken) as refusal:
        _mail(port).deliver(LETTER)
    assert not refusal.value.is_final
    assert sink.letters == []
