import pytest

from sandbox.server import Sandbox
from tests.sandbox.calls import Clock, control, mitigate


def test_lists_what_was_started(sandbox: Sandbox) -> None:
    mitigate(sandbox.url, ipCidr="203.0.113.7")

    assert control(sandbox.url, "mitigations") == [
        {
            "id": "70001",
            "ip_cidr": "203.0.113.7/32",
            "comment": "[MIT-1] flood",
            "platform_id": "257",
            "method_id": "775",
            "minutes": 60,
            "started_at": "2026-03-04T12:00:00.000000+00:00",
            "ends_at": "2026-03-04T13:00:00.000000+00:00",
            "state": "active",
        }
    ]


@pytest.mark.parametrize("again", ["203.0.113.7", "203.0.113.7/32"])
def test_refuses_a_second_mitigation_on_the_same_target(sandbox: Sandbox, again: str) -> None:
    mitigate(sandbox.url, ipCidr="203.0.113.7")

    response = mitigate(sandbox.url, ipCidr=again, platformID="258", methodId="781")

    assert (response.status_code, response.json()) == (409, {"error": "203.0.113.7/32 is already being mitigated."})


def test_knows_an_ipv6_target_in_any_spelling(sandbox: Sandbox) -> None:
    mitigate(sandbox.url, ipCidr="2001:db8::1")

    assert mitigate(sandbox.url, ipCidr="2001:0DB8:0::1/128").status_code == 409


def test_accepts_an_overlapping_prefix(sandbox: Sandbox) -> None:
    mitigate(sandbox.url, ipCidr="203.0.113.7/32")

    assert mitigate(sandbox.url, ipCidr="203.0.113.0/24").status_code == 200


def test_keeps_a_target_until_its_minutes_have_passed(sandbox: Sandbox, clock: Clock) -> None:
    mitigate(sandbox.url, minutesBeforeAutoStop="60")
    clock.move(minutes=60, microseconds=-1)

    assert mitigate(sandbox.url).status_code == 409


def test_frees_a_target_when_its_minutes_have_passed(sandbox: Sandbox, clock: Clock) -> None:
    mitigate(sandbox.url, minutesBeforeAutoStop="60")
    clock.move(minutes=60)

    assert mitigate(sandbox.url).status_code == 200


def test_lists_a_mitigation_as_ended_when_its_minutes_have_passed(sandbox: Sandbox, clock: Clock) -> None:
    mitigate(sandbox.url, minutesBeforeAutoStop="60")
    clock.move(minutes=60)

    assert [row["state"] for row in sandbox.mitigations()] == ["ended"]


def test_runs_on_when_the_minutes_are_zero(sandbox: Sandbox, clock: Clock) -> None:
    mitigate(sandbox.url, minutesBeforeAutoStop="0")
    clock.move(days=10_000)

    assert [(row["ends_at"], row["state"]) for row in sandbox.mitigations()] == [(None, "active")]


def test_holds_the_longest_time_that_it_accepts(sandbox: Sandbox) -> None:
    assert mitigate(sandbox.url, minutesBeforeAutoStop="999999999").status_code == 200
    assert sandbox.mitigations()[0]["ends_at"].startswith("3927-")


def test_gives_no_id_twice_even_after_a_reset(sandbox: Sandbox) -> None:
    mitigate(sandbox.url)
    first = sandbox.mitigations()[0]["id"]
    sandbox.reset()
    mitigate(sandbox.url)

    assert sandbox.mitigations()[0]["id"] != first
