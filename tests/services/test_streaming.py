from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from accounts.authority import WORKER
from audit.models import Checkpoint, Event
from audit.notes import found_in
from audit.signing import new_key
from mitigations.services import delivering, events, streaming
from mitigations.services.auditing import proving
from tests.making import NOW, make_event, make_mitigation
from tests.receiving import inbox, mail_goes_to
from tests.streaming import receiver

HOOK = "https://siem.example.net/canary-5e1f"


def now():
    return NOW


def shown() -> dict[str, str]:
    return {stream.name: stream.label for stream in streaming.streams(now=now)}


def test_nothing_is_streamed_unless_it_is_switched_on() -> None:
    assert streaming.jobs(now=now) == {}


def test_each_is_switched_on_by_its_setting_and_shows_nothing_secret(settings, tmp_path: Path) -> None:
    settings.AUDIT_STREAM_LOG = True
    settings.AUDIT_STREAM_SYSLOG = "tls://siem.example.net"
    settings.AUDIT_STREAM_WEBHOOK, settings.AUDIT_STREAM_WEBHOOK_SECRET = HOOK, "canary-secret-91d2c4"
    settings.AUDIT_STREAM_FILE = str(tmp_path / "audit.jsonl")
    assert shown() == {
        "stream-log": "stdout of the worker",
        "stream-syslog": "tls://siem.example.net:6514",
        "stream-webhook": "https://siem.example.net/…",
        "stream-file": str(tmp_path / "audit.jsonl"),
    }
    jobs = delivering.served(now=now)
    assert set(jobs) == set(shown())
    assert all(job.whole for job in jobs.values())


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("AUDIT_STREAM_SYSLOG", "canary-5e1f", "AUDIT_STREAM_SYSLOG is no address"),
        ("AUDIT_STREAM_WEBHOOK", "http://siem.example.net/canary-5e1f", "AUDIT_STREAM_WEBHOOK must begin with https"),
        ("AUDIT_STREAM_WEBHOOK", HOOK, "AUDIT_STREAM_WEBHOOK needs AUDIT_STREAM_WEBHOOK_SECRET"),
        ("AUDIT_STREAM_FILE", "/nowhere/audit.jsonl", "AUDIT_STREAM_FILE names a file in a directory that does not"),
    ],
)
def test_a_setting_that_makes_no_sense_is_one_sentence_without_its_value(
    name: str, value: str, why: str, settings
) -> None:
    setattr(settings, name, value)
    with pytest.raises(ValueError, match=why) as raised:
        delivering.crew(now=now)
    assert "canary" not in str(raised.value)


def test_the_page_of_a_machine_without_that_directory_shows_where_it_goes(settings) -> None:
    settings.AUDIT_STREAM_FILE = "/nowhere/audit.jsonl"
    assert shown() == {"stream-file": "/nowhere/audit.jsonl"}


class TestCheckpoints:
    """Whoever keeps them gets each one, exactly as it was signed."""

    @pytest.fixture
    def made(self, cast, settings) -> Checkpoint:
        settings.AUDIT_SIGNING_KEY = new_key("portal")
        make_event(events.WITHDRAWN, make_mitigation())
        return proving.checkpoint(by=WORKER, at=NOW)

    def deliver(self, name: str) -> list[int]:
        """Everything that has happened to whoever follows the log by this name; the numbers that it took."""
        job = delivering.served(now=now)[name]
        wanted = [event for event in Event.objects.order_by("number") if job.wants(event)]
        return [event.number for event in wanted if job.deliver([event])]

    def test_are_mailed(self, made: Checkpoint, settings) -> None:
        with inbox() as there, mail_goes_to(there.url, settings):
            settings.AUDIT_CHECKPOINT_MAIL = ["vault@example.net", "auditor@example.net"]
            assert self.deliver("stream-checkpoint-mail") == [made.number + 1]
        assert there.readers == ["auditor@example.net", "vault@example.net"]
        assert all(found_in(mail.get_content()) == made.note for _, mail in there.taken)

    def test_are_posted(self, made: Checkpoint, settings) -> None:
        with receiver() as there:
            settings.AUDIT_CHECKPOINT_WEBHOOK = there.address
            settings.OUTGOING_NETWORKS = (ip_network("127.0.0.0/8"),)
            assert self.deliver("stream-checkpoint-webhook") == [made.number + 1]
        [posted] = there.posts
        assert posted.body.decode() == made.note
        assert posted.headers["X-Breakwater-Checkpoint"] == str(made.number)

    def test_need_mail_to_be_mailed(self, settings) -> None:
        settings.AUDIT_CHECKPOINT_MAIL = ["vault@example.net"]
        with pytest.raises(ValueError, match="AUDIT_CHECKPOINT_MAIL needs EMAIL_URL"):
            delivering.served(now=now)

    def test_need_an_address_that_makes_sense(self, settings) -> None:
        settings.AUDIT_CHECKPOINT_WEBHOOK = "http://vault.example.net/canary-5e1f"
        with pytest.raises(ValueError, match="AUDIT_CHECKPOINT_WEBHOOK must begin with https") as raised:
            delivering.served(now=now)
        assert "canary" not in str(raised.value)
