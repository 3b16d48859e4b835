from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit import sinks
from audit.models import Event, Sink

pytestmark = pytest.mark.django_db


def test_lets_a_stream_go_that_is_switched_off() -> None:
    sinks.ensure("stream-syslog")
    out = StringIO()
    call_command("forget_stream", "stream-syslog", stdout=out)
    assert out.getvalue() == "stream-syslog follows the log no longer.\n"
    assert not Sink.objects.exists()
    assert (Event.objects.get().deed, Event.objects.get().actor_name) == ("audit.stream-forgotten", "manage.py")


def test_leaves_one_that_is_switched_on(settings) -> None:
    settings.AUDIT_STREAM_SYSLOG = "udp://127.0.0.1"
    sinks.ensure("stream-syslog")
    with pytest.raises(CommandError, match="Switch it off there first"):
        call_command("forget_stream", "stream-syslog")
    assert Sink.objects.exists()
