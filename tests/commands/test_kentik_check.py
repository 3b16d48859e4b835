from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from mitigations.models import Exchange, Lane
from mitigations.policies.budget import Purpose
from mitigations.services.checking import check
from mitigations.services.lane import gap, take
from sandbox.server import Sandbox
from tests.making import make_pairing
from tests.views.facts import everything

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
TOKEN = "canary-7f3a9c51"


@pytest.fixture(autouse=True)
def kentik(settings: Any) -> Iterator[Sandbox]:
    """The Kentik of the settings, which accepts the credentials of the settings only."""
    with Sandbox(port=0, email=settings.KENTIK_API_EMAIL, token=settings.KENTIK_API_TOKEN) as running:
        settings.KENTIK_BASE_URL, settings.KENTIK_V6 = running.url, True
        yield running


def run() -> tuple[str, int]:
    """What it says, and what the process would end with."""
    said = StringIO()
    try:
        call_command("kentik_check", stdout=said)
    except CommandError as error:
        return f"{said.getvalue()}{error}", error.returncode
    return said.getvalue(), 0


class TestWhenAllIsWell:
    def test_says_so_and_ends_with_0(self) -> None:
        said, code = run()
        assert "Kentik accepts the credentials, and its V6 is open to the portal." in said
        assert code == 0

    def test_names_both_addresses(self, kentik: Sandbox) -> None:
        said, _ = run()
        assert f"started at {kentik.url}, spelled as documented." in said
        assert f"Reads and stops go to {kentik.url}." in said

    def test_counts_the_catalogue_and_how_it_differs(self) -> None:
        said, _ = run()
        assert "Its catalogue has 5 platforms, 7 methods, 7 links." in said
        assert "It differs from ours in 19 points" in said

    def test_says_when_it_is_the_same(self, kentik: Sandbox) -> None:
        make_pairing()
        others = {"remove_platforms": ["258", "259", "260", "261"], "unlink": [{"platform": "257", "method": "776"}]}
        kentik.change_catalogue(**others, remove_methods=["776", "781", "782", "791", "795", "799"])
        assert "It is the same as ours." in run()[0]

    def test_keeps_each_exchange_and_gives_the_lane_back(self) -> None:
        run()
        assert [row.outcome for row in Exchange.objects.all()] == ["read", "read"]
        assert Lane.objects.get().is_free(timezone.now())

    def test_only_reads(self, kentik: Sandbox) -> None:
        run()
        assert {call["method"] for call in kentik.journal()} == {"GET"}

    def test_changes_nothing_here_but_what_it_keeps_of_the_calls(self) -> None:
        make_pairing()
        before, _ = everything()
        run()
        after, _ = everything()
        changed = {table for table in after if after[table] != before[table]}
        assert changed <= {"mitigations_exchange", "mitigations_lane", "mitigations_kentikview"}


class TestWhenSomethingIsWrong:
    def test_says_that_the_credentials_are_refused(self, settings: Any) -> None:
        settings.KENTIK_API_TOKEN = "another-1234567"
        said, code = run()
        assert ("Kentik does not accept the credentials" in said, code) == (True, 1)

    def test_says_that_v6_is_closed(self, kentik: Sandbox) -> None:
        kentik.fault("status", status=403)
        said, code = run()
        assert ("V6 is closed to the portal" in said, code) == (True, 1)

    def test_says_that_kentik_cannot_be_read(self, kentik: Sandbox) -> None:
        kentik.fault("status", status=503)
        said, code = run()
        assert ("Kentik could not be read. Kentik answered 503" in said, code) == (True, 1)

    @pytest.mark.parametrize(
        ("ahead", "sentence"),
        [
            (timedelta(minutes=5), "s ahead of ours. Set this machine's clock by NTP."),
            (timedelta(minutes=-5), "s behind ours. Set this machine's clock by NTP."),
        ],
    )
    def test_says_how_far_off_the_clock_is(self, ahead: timedelta, sentence: str, kentik: Sandbox) -> None:
        date = format_datetime(timezone.now() + ahead, usegmt=True)
        kentik.fault("status", status=503, headers={"Date": date})
        assert sentence in run()[0]

    def test_waits_for_the_lane_no_longer_than_it_may(self) -> None:
        at: datetime = timezone.now()
        free = gap(Purpose.START, at=at)
        assert free is not None
        take(free, lease=timedelta(seconds=90), at=at)
        report = check(now=timezone.now, patience=timedelta(0))
        assert "The lane to Kentik did not come free" in report.sentences[-1]
        assert not Exchange.objects.exists()

    def test_never_says_a_credential(self, settings: Any, kentik: Sandbox) -> None:
        for fault in ({"status": 401, "body": f'{{"error": "{TOKEN}"}}'}, {"status": 503, "body": TOKEN}):
            kentik.fault("status", **fault)
            said, _ = run()
            assert TOKEN not in said
            assert settings.KENTIK_API_EMAIL not in said


class TestWithoutWhatItNeeds:
    @pytest.mark.parametrize("name", ["KENTIK_API_EMAIL", "KENTIK_API_TOKEN"])
    def test_says_what_is_missing_and_ends_with_2(self, name: str, settings: Any) -> None:
        setattr(settings, name, "")
        said, code = run()
        assert (f"{name} is not set." in said, code) == (True, 2)

    def test_ends_the_process_with_2_and_no_traceback(self) -> None:
        ended = subprocess.run(
            [sys.executable, "manage.py", "kentik_check"],
            cwd=ROOT,
            env={**os.environ, "KENTIK_API_TOKEN": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
        assert "KENTIK_API_TOKEN is not set." in ended.stderr

    def test_is_well_with_v6_off(self, settings: Any, kentik: Sandbox) -> None:
        settings.KENTIK_V6 = False
        said, code = run()
        assert ("V6 is off (KENTIK_V6)" in said, code) == (True, 0)
        assert kentik.journal() == []
