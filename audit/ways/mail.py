"""Mail, by Django and whatever EMAIL_URL names. One message a person: nobody learns who else was told."""

from __future__ import annotations

import logging
import smtplib
import time
from collections.abc import Callable, Iterable
from email.utils import parseaddr
from hashlib import sha256

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from audit.delivery import NotDelivered, Undeliverable
from audit.ways.bounded import within
from audit.ways.message import Message

logger = logging.getLogger(__name__)

# Answers of a server: from 500 on trying again does not help.
_FOR_GOOD = 500


def is_on() -> bool:
    return bool(settings.MAIL_IS_ON)


def send(message: Message, *, to: Iterable[str], accepted: Callable[[str], None], seconds: float) -> None:
    """Send it to each address; `accepted` is told of every one that is done with, so that a next try leaves it out.

    Over in so many seconds: half of them to begin a mail, the rest to end it. What is not begun waits for the next try.
    Raises NotDelivered when some may get it at another try, Undeliverable when the server will never take some.
    """
    addresses = list(to)
    begin_until = time.monotonic() + seconds / 2
    within(seconds, lambda: _send(message, addresses, accepted, begin_until))


def _send(message: Message, addresses: Iterable[str], accepted: Callable[[str], None], begin_until: float) -> None:
    later: list[str] = []
    refused = 0
    try:
        with get_connection() as connection:
            for address in addresses:
                if time.monotonic() > begin_until:
                    raise NotDelivered("The mail server was too slow for all of them; the rest follows.")
                try:
                    _mail(message, address, connection).send()
                except smtplib.SMTPRecipientsRefused as error:
                    if _code(error, address) < _FOR_GOOD:
                        later.append(address)
                        continue
                    refused += 1
                accepted(address)
    except smtplib.SMTPResponseException as error:
        raise NotDelivered(f"The mail server answered {error.smtp_code}.") from None
    except smtplib.SMTPServerDisconnected:
        raise NotDelivered("The mail server hung up, or said nothing in time.") from None
    except smtplib.SMTPException as error:
        raise NotDelivered(f"The mail server broke off ({type(error).__name__}).") from None
    except TimeoutError:
        raise NotDelivered("The mail server did not answer in time.") from None
    except OSError as error:
        raise NotDelivered(f"The mail server cannot be reached: {error.strerror or type(error).__name__}.") from None
    if refused:
        logger.warning("The mail server takes nothing for %d addresses.", refused)
    if later:
        raise NotDelivered(f"The mail server takes nothing for {len(later)} addresses for now.")
    if refused:
        raise Undeliverable(f"The mail server takes nothing for {refused} of the addresses.")


def _mail(message: Message, address: str, connection: BaseEmailBackend) -> EmailMessage:
    """A Message-ID of our own: the same mail sent twice is one, and Django's would ask the DNS for this host's name."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    identity = sha256(f"{message.key} {address}".encode()).hexdigest()[:32]
    return EmailMessage(
        subject=f"[Breakwater] {' '.join(message.title.split())}",
        body=f"{message.body}\n",
        to=[address],
        connection=connection,
        headers={
            "Message-ID": f"<{identity}@{sender.rpartition('@')[2] or 'breakwater'}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _code(error: smtplib.SMTPRecipientsRefused, address: str) -> int:
    answer = error.recipients.get(address)
    return answer[0] if answer else _FOR_GOOD
