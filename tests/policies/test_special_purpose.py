from __future__ import annotations

import pytest

from mitigations.policies.network import known
from mitigations.policies.special_purpose import BLOCKS, touched


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.prefix.text)
def test_each_block_is_touched_unless_the_registry_affirms_that_it_is_reachable(block) -> None:
    assert (block in touched(block.prefix)) == (not block.reachable)


@pytest.mark.parametrize(
    "text", ["8.8.8.0/24", "1.1.1.1/32", "100.63.255.0/24", "172.32.0.0/24", "2600::/32", "192.0.0.9/32"]
)
def test_ordinary_targets_touch_nothing(text: str) -> None:
    assert touched(known(text)) == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("127.0.0.1/32", "Loopback"),
        ("169.254.7.0/24", "Link Local"),
        ("10.3.0.0/16", "Private-Use"),
        ("224.0.0.5/32", "Multicast"),
        ("255.255.255.255/32", "Limited Broadcast"),
        ("192.88.99.128/25", "Deprecated (6to4 Relay Anycast)"),
        ("::1/128", "Loopback Address"),
        ("2002:808:808::/48", "6to4"),
        ("fd00::/48", "Unique-Local"),
        ("ff02::1/128", "Multicast"),
        ("3fff:fff::/32", "Documentation"),
    ],
)
def test_a_part_of_a_block_touches_it(text: str, name: str) -> None:
    assert [block.name for block in touched(known(text))] == [name]


def test_a_wide_target_touches_what_lies_inside_it() -> None:
    assert "Shared Address Space" in {block.name for block in touched(known("100.0.0.0/8"))}
    assert {"Private-Use", "Loopback", "Multicast"} <= {block.name for block in touched(known("0.0.0.0/0"))}


def test_the_registries_are_there_with_their_dates() -> None:
    rows = [block for block in BLOCKS if block.name != "Multicast"]

    assert len(rows) == 51
    assert all(len(block.allocated) == 7 for block in rows)
    assert {block.prefix.text: block.terminated for block in rows if block.terminated} == {
        "192.88.99.0/24": "2015-03",
        "2001:10::/28": "2014-03",
    }
