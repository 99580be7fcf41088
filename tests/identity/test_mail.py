"""Mails, through a mail server that only listens."""

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest
from pydantic import SecretStr

from app.identity import mail
from tests.conftest import SETTINGS

pytestmark = pytest.mark.unit


class Listener(socketserver.StreamRequestHandler):
    """The least of SMTP (RFC 5321), without extensions."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line)
                self.server.received.append(b"".join(lines))  # type: ignore[attr-defined]
            refused = verb == b"RCPT" and b"refused@" in line
            self.wfile.write(b"550 no\r\n" if refused else b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


@pytest.fixture
def mail_server() -> Iterator[socketserver.TCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Listener) as server:
        server.daemon_threads = True
        server.received = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def by(server: socketserver.TCPServer, **more: object):
    url = SecretStr(f"smtp://127.0.0.1:{server.server_address[1]}")
    return SETTINGS.model_copy(update={"smtp_url": url, "mail_from": "Agir <agir@ville.fr>", **more})


async def test_a_mail_arrives_as_it_was_written(mail_server):
    assert await mail.send(by(mail_server), "a@b.fr", "Bienvenue à l’école", "Bonjour Zoë,\n\nà bientôt\n")
    received = message_from_bytes(mail_server.received[0], policy=policy.default)
    assert (received["from"], received["to"], received["subject"]) == (
        "Agir <agir@ville.fr>", "a@b.fr", "Bienvenue à l’école",
    )  # fmt: skip
    assert received["message-id"].endswith("@ville.fr>")
    assert received.get_content().replace("\r\n", "\n") == "Bonjour Zoë,\n\nà bientôt\n"


async def test_a_refused_mail_is_logged_without_its_text_or_its_address(mail_server, capfd):
    assert not await mail.send(by(mail_server), "refused@b.fr", "Sujet", "le lien secret")
    said = "".join(capfd.readouterr())
    assert "mail-not-sent" in said
    assert "refused@b.fr" not in said
    assert "secret" not in said


async def test_a_password_is_never_sent_in_clear(mail_server):
    url = SecretStr(f"smtp://user:password@127.0.0.1:{mail_server.server_address[1]}")
    assert not await mail.send(by(mail_server, smtp_url=url), "a@b.fr", "Sujet", "Texte")
    assert mail_server.received == []


async def test_without_a_mail_server_development_shows_and_production_says_nothing_of_it(capfd):
    assert await mail.send(SETTINGS, "a@b.fr", "Sujet", "le lien secret")
    assert "le lien secret" in capfd.readouterr().err
    production = SETTINGS.model_copy(update={"environment": "production"})
    assert not await mail.send(production, "a@b.fr", "Sujet", "le lien secret")
    assert "secret" not in "".join(capfd.readouterr())


async def test_a_line_break_in_an_address_starts_no_header(mail_server):
    with pytest.raises(ValueError, match="linefeed"):
        await mail.send(by(mail_server), "a@b.fr\r\nBcc: c@d.fr", "Sujet", "Texte")
