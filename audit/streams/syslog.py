"""Syslog: RFC 5424 with a message in CEF, over UDP, TCP or TLS.

Syslog knows no answer. Over TCP and TLS each batch has a connection of its own, whose end tells whether it was read.
Over UDP nobody can know; the numbers tell what is missing.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import urlsplit

from audit.delivery import NotDelivered
from audit.models import Event
from audit.streams import closing
from audit.streams.cef import cef
from audit.ways.bounded import within

# So many datagrams fit into the buffer of a receiver that has not been tuned.
AT_ONCE = 100
_PORTS = {"udp": 514, "tcp": 514, "tls": 6514}
# Facility 13, "log audit"; "informational", or "notice" for what wants a look.
_INFORMATIONAL, _NOTICE = 13 * 8 + 6, 13 * 8 + 5
_LONGEST_ID = 32


class BadReceiver(ValueError):
    """`str()` of it finishes a sentence that begins with the name of a setting."""


@dataclass(frozen=True, kw_only=True)
class Receiver:
    way: str
    host: str
    port: int

    @property
    def label(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.way}://{host}:{self.port}"


def receiver(address: str) -> Receiver:
    """Of an address like tls://siem.example.net:6514. Raises BadReceiver."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadReceiver(_READS_LIKE) from None
    bare = not (parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"))
    if parts.scheme not in _PORTS or not parts.hostname or not bare:
        raise BadReceiver(_READS_LIKE)
    return Receiver(way=parts.scheme, host=parts.hostname, port=port or _PORTS[parts.scheme])


_READS_LIKE = "is no address of a syslog receiver. It reads like tls://siem.example.net:6514, or tcp:// or udp://."


def send(events: Sequence[Event], *, to: Receiver, seconds: float) -> None:
    """Over in so many seconds. Raises NotDelivered."""
    messages = [_message(event) for event in events]
    within(seconds, lambda: _send(messages, to, seconds))


def _send(messages: Sequence[bytes], to: Receiver, seconds: float) -> None:
    try:
        _WAYS[to.way](messages, to, seconds)
    except ssl.SSLCertVerificationError:
        raise NotDelivered("The receiver's certificate is not trusted.") from None
    except socket.gaierror:
        raise NotDelivered("The receiver's name cannot be resolved.") from None
    except TimeoutError:
        raise NotDelivered("The receiver cannot be reached, or did not read everything in time.") from None
    except OSError as error:
        raise NotDelivered(f"The receiver cannot be reached: {error.strerror or type(error).__name__}.") from None


def _by_udp(messages: Sequence[bytes], to: Receiver, seconds: float) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(to.host, to.port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as sender:
        sender.settimeout(seconds)
        # Connected, so that "nobody listens there" comes back where the network says so.
        sender.connect(address)
        for message in messages:
            sender.send(message)


def _by_tcp(messages: Sequence[bytes], to: Receiver, seconds: float) -> None:
    with socket.create_connection((to.host, to.port), timeout=seconds) as connection:
        closing.deliver(_framed(messages), connection)


def _by_tls(messages: Sequence[bytes], to: Receiver, seconds: float) -> None:
    with socket.create_connection((to.host, to.port), timeout=seconds) as connection:
        closing.deliver_by_tls(_framed(messages), connection, host=to.host)


_WAYS: Mapping[str, Callable[[Sequence[bytes], Receiver, float], None]] = {
    "udp": _by_udp,
    "tcp": _by_tcp,
    "tls": _by_tls,
}


def _framed(messages: Sequence[bytes]) -> bytes:
    """Octet counting (RFC 6587): the length before each message."""
    return b"".join(b"%d %s" % (len(message), message) for message in messages)


def _message(event: Event) -> bytes:
    """Without the byte order mark that RFC 5424 wants before UTF-8: readers of CEF look for its first letters."""
    priority = _NOTICE if event.review else _INFORMATIONAL
    at = event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    head = f"<{priority}>1 {at} {_hostname()} breakwater - {event.deed[:_LONGEST_ID]} -"
    return f"{head} {cef(event)}".encode()


def _hostname() -> str:
    name = socket.gethostname()
    return name if name.isascii() and name.isprintable() and " " not in name and 0 < len(name) < 256 else "-"
