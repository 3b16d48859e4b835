from __future__ import annotations

import socket
from ipaddress import ip_network
from typing import Any

import pytest

from audit import reaching
from audit.delivery import NotDelivered
from audit.reaching import is_allowed

EVERYTHING = (ip_network("0.0.0.0/0"), ip_network("::/0"))
INTERNAL = ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.100.100.200", "fd00::1", "fd00:ec2::254"]
THIS_MACHINE = ["127.0.0.1", "127.8.8.8", "::1"]
NOBODY_S = ["192.0.2.1", "198.18.0.1", "240.0.0.1", "fec0::1"]
IN_DISGUISE = ["::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:a00:1::"]


@pytest.mark.parametrize("address", [*INTERNAL, *THIS_MACHINE, *NOBODY_S, *IN_DISGUISE])
def test_an_internal_address_is_allowed_only_when_its_network_is_named(address: str) -> None:
    assert not is_allowed(address)
    assert not is_allowed(address, named=(ip_network("10.99.0.0/16"), ip_network("fd99::/16")))
    assert is_allowed(address, named=EVERYTHING)


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "fe80::1", "fe80::1%lo", "::ffff:169.254.169.254", "168.63.129.16"),
        *("224.0.0.1", "ff02::1", "0.0.0.0", "::"),
    ],
)
def test_where_clouds_keep_credentials_and_what_is_no_single_host_is_never_allowed(address: str) -> None:
    assert not is_allowed(address, named=EVERYTHING)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_allowed(address)


class TestConnecting:
    def resolves_to(self, *addresses: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What every name means from now on, and each name that somebody looked up."""
        looked_up: list[str] = []

        def resolve(host: str, port: int, **options: object) -> list[Any]:
            looked_up.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return looked_up

    def test_a_name_that_points_inside_is_not_connected_to(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as inside:
            self.resolves_to("127.0.0.1", monkeypatch=monkeypatch)
            inside.settimeout(0.05)
            with pytest.raises(NotDelivered, match="at an address that is not allowed"):
                reaching.connect("rebinding.example.net", inside.getsockname()[1], named=(), seconds=1)
            with pytest.raises(TimeoutError):
                inside.accept()

    def test_of_several_addresses_only_those_that_are_allowed_are_tried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tried: list[str] = []

        def connect(address: tuple[str, int], timeout: float) -> socket.socket:
            tried.append(address[0])
            raise ConnectionRefusedError

        self.resolves_to("10.0.0.1", "8.8.8.8", "169.254.169.254", monkeypatch=monkeypatch)
        monkeypatch.setattr(socket, "create_connection", connect)
        with pytest.raises(ConnectionRefusedError):
            reaching.connect("several.example.net", 443, named=(), seconds=1)
        assert tried == ["8.8.8.8"]

    def test_a_name_is_looked_up_once_and_what_was_judged_is_connected_to(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Or it could mean another address by the time of the connection."""
        tried: list[tuple[str, int]] = []
        looked_up = self.resolves_to("8.8.8.8", monkeypatch=monkeypatch)
        monkeypatch.setattr(socket, "create_connection", lambda address, **_: tried.append(address))
        reaching.connect("rebinding.example.net", 443, named=(), seconds=1)
        assert (looked_up, tried) == (["rebinding.example.net"], [("8.8.8.8", 443)])
