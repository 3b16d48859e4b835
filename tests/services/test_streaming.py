from __future__ import annotations

from pathlib import Path

import pytest

from mitigations.services import delivering, streaming
from tests.making import NOW

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
