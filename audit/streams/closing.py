"""Knowing from the end of a connection whether the other end has read everything, where no protocol says so.

We end it, and wait for the other end to do so too. A socket of `ssl` cannot tell: its `unwrap` takes a refusal that
comes instead of a farewell (a receiver that wants a certificate of ours) for one, and everything sent would be lost. So
TLS is spoken here between two buffers, and each byte that comes is looked at.
"""

from __future__ import annotations

import fcntl
import socket
import ssl
import struct
import sys
import termios

from audit.delivery import NotDelivered


def deliver(data: bytes, connection: socket.socket) -> None:
    """Send it, and wait until the other end has read it and hangs up. Raises NotDelivered, or OSError."""
    connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        pass
    _demand_all_is_taken(connection)


def deliver_by_tls(data: bytes, connection: socket.socket, *, host: str) -> None:
    """The same, to the host whose certificate names it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=host)
    _shake_hands(tls, connection, incoming, outgoing)
    rest = memoryview(data)
    while rest:
        rest = rest[tls.write(rest) :]
    try:
        tls.unwrap()
    except ssl.SSLWantReadError:
        # Ours is in the buffer now. What comes in answer is read below.
        connection.sendall(outgoing.read())
    while not _has_ended(tls):
        _feed(incoming, connection)
    _demand_all_is_taken(connection)


def _shake_hands(
    tls: ssl.SSLObject, connection: socket.socket, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO
) -> None:
    while True:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            connection.sendall(outgoing.read())
            _feed(incoming, connection)
        else:
            connection.sendall(outgoing.read())
            return


def _feed(incoming: ssl.MemoryBIO, connection: socket.socket) -> None:
    if data := connection.recv(65536):
        incoming.write(data)
    else:
        incoming.write_eof()


def _has_ended(tls: ssl.SSLObject) -> bool:
    """Whether the other end has said farewell, or has hung up without, as many do. Raises SSLError for a refusal."""
    try:
        while tls.read(4096):
            pass
    except ssl.SSLWantReadError:
        return False
    except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
        return True
    return True


def _demand_all_is_taken(connection: socket.socket) -> None:
    """One that hung up at once, as a balancer does with nobody behind it, has confirmed nothing of what was sent."""
    if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) or _unconfirmed(connection):
        raise NotDelivered("The receiver hung up before it had read everything.")


def _unconfirmed(connection: socket.socket) -> int:
    """How much the other end's machine has not confirmed, as Linux tells it."""
    if sys.platform != "linux":
        return 0
    (count,) = struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))
    return int(count)
