"""Mails to people: an invitation, a password reset. Sent by SMTP; in development written on the console."""

import smtplib
import ssl
import sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

import anyio
import structlog

from app.core import failures
from app.settings import Settings

SECONDS = 15
log = structlog.get_logger(__name__)
_threads = anyio.CapacityLimiter(2)


async def send(settings: Settings, to: str, subject: str, text: str) -> bool:
    """Send one mail. False when it could not be sent, which is logged without its text or its address.

    Without `AET_SMTP_URL`, development shows the mail on the console; production says that it has no mail server.
    """
    if settings.smtp_url is None:
        return _show(settings, to, subject, text)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message["Date"], message["Message-ID"] = (
        formatdate(localtime=False),
        make_msgid(domain=parseaddr(settings.mail_from)[1].rpartition("@")[2]),
    )
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    try:
        await anyio.to_thread.run_sync(_deliver, settings.smtp_url.get_secret_value(), message, limiter=_threads)
    except (OSError, smtplib.SMTPException) as error:
        log.error("mail-not-sent", **failures.describe(error))
        return False
    return True


def _show(settings: Settings, to: str, subject: str, text: str) -> bool:
    if settings.environment == "production":
        log.error("mail-not-sent", error="AET_SMTP_URL is not set")
        return False
    sys.stderr.write(f"\n--- mail to {to}: {subject}\n{text}\n---\n")
    return True


def _deliver(url: str, message: EmailMessage) -> None:
    """Raises `OSError` or `smtplib.SMTPException`."""
    server = urlsplit(url)
    host, context = server.hostname or "localhost", ssl.create_default_context()
    if server.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, server.port or 465, timeout=SECONDS, context=context)
    else:
        connection = smtplib.SMTP(host, server.port or 587, timeout=SECONDS)
    with connection:
        connection.ehlo()
        if server.scheme == "smtp" and (server.username or connection.has_extn("starttls")):
            connection.starttls(context=context)
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(message)
