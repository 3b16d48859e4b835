from __future__ import annotations

import re
import socket
import ssl
import sys
from collections.abc import Callable

import pytest

from audit.delivery import NotDelivered
from audit.streams.syslog import BadReceiver, receiver, send
from tests.kentik.servers import Heard, closed_port, listening, resets
from tests.processes.running import until
from tests.receiving import silence
from tests.streaming import Syslog, tcp, udp

NASTY = "box | a=b\\ \r\n\u2028 42 zürich"


def arrived(told: Syslog, count: int) -> None:
    """Over UDP nobody says when."""
    until(lambda: len(told.messages) >= count)


def _hangs_up_at_once(connection: socket.socket, heard: Heard) -> None:
    pass


def test_udp_brings_a_datagram_each(events: Callable) -> None:
    with udp() as told:
        send(events(NASTY, "b", "c"), to=receiver(told.address), seconds=5)
        arrived(told, 3)
    assert told.numbers == [1, 2, 3]
    assert re.match(
        r"<110>1 2026-11-23T03:00:00\.000000Z \S+ breakwater - box\.opened - CEF:0\|Breakwater\|", told.messages[0]
    )


def test_tcp_counts_octets(events: Callable) -> None:
    with tcp() as told:
        send(events(NASTY, "b"), to=receiver(told.address), seconds=5)
        # It came back when the other end had read all of it.
        assert told.numbers == [1, 2]


@pytest.mark.usefixtures("trusted")
def test_tls_does_so_to_somebody_whom_we_trust(events: Callable, tls: ssl.SSLContext) -> None:
    """However many records of TLS it takes."""
    with tcp(tls) as told:
        send(events(NASTY, *(f"box {number}" for number in range(99))), to=receiver(told.address), seconds=5)
        assert told.numbers == list(range(1, 101))


def test_tls_tells_nothing_to_somebody_whom_nobody_vouches_for(events: Callable, tls: ssl.SSLContext) -> None:
    with tcp(tls) as told, pytest.raises(NotDelivered, match=r"^The receiver's certificate is not trusted\.$"):
        send(events("a"), to=receiver(told.address), seconds=5)
    assert told.messages == []


@pytest.mark.usefixtures("trusted")
def test_tls_to_a_receiver_that_wants_a_certificate_of_ours_is_no_delivery(
    events: Callable, tls: ssl.SSLContext, certificate: object
) -> None:
    """With TLS 1.3 it says no only after our side has shaken hands and sent."""
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(str(certificate))
    [event] = events("a")
    with tcp(tls) as told:
        for _ in range(50):
            with pytest.raises(NotDelivered):
                send([event], to=receiver(told.address), seconds=5)
    assert told.messages == []


@pytest.mark.parametrize("way", ["tcp", "udp"])
def test_nobody_there_is_told(way: str, events: Callable) -> None:
    with pytest.raises(NotDelivered, match=r"^The receiver cannot be reached: Connection refused\.$"):
        send(events("a", "b", "c") * 20, to=receiver(f"{way}://{closed_port()}"), seconds=5)


def test_a_receiver_that_never_reads_is_no_delivery(events: Callable) -> None:
    with silence() as port, pytest.raises(NotDelivered, match="did not"):
        send(events("a"), to=receiver(f"tcp://127.0.0.1:{port}"), seconds=0.3)


def test_a_receiver_that_breaks_off_is_no_delivery(events: Callable) -> None:
    with listening(resets) as heard, pytest.raises(NotDelivered, match=r"^The receiver (cannot be reached|hung up)"):
        send(events("a"), to=receiver(f"tcp://{heard.address}"), seconds=5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the state of TCP")
def test_a_receiver_that_hangs_up_at_once_is_no_delivery(events: Callable) -> None:
    """As a balancer does that has nobody behind it: what was sent goes nowhere, and the end looks orderly."""
    [event] = events("a")
    with listening(_hangs_up_at_once) as heard:
        for _ in range(50):
            with pytest.raises(NotDelivered):
                send([event], to=receiver(f"tcp://{heard.address}"), seconds=5)


def test_a_receiver_that_trickles_is_left_when_the_time_is_over(events: Callable) -> None:
    with tcp(closes=False) as told, pytest.raises(NotDelivered, match="did not"):
        send(events("a"), to=receiver(told.address), seconds=0.3)
    told.closes = True


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("udp://siem.example.net", "udp://siem.example.net:514"),
        ("tls://siem.example.net/", "tls://siem.example.net:6514"),
        ("tcp://[2001:db8::1]:601", "tcp://[2001:db8::1]:601"),
    ],
)
def test_an_address_has_a_port(address: str, label: str) -> None:
    assert receiver(address).label == label


@pytest.mark.parametrize(
    "address", ["siem", "http://siem", "tcp://", "tcp://u:canary-5e1f@siem", "tcp://siem/x", "tcp://siem:canary-5e1f"]
)
def test_an_address_that_is_none_is_told_without_it(address: str) -> None:
    with pytest.raises(BadReceiver, match="is no address of a syslog receiver") as raised:
        receiver(address)
    assert "canary" not in str(raised.value)
