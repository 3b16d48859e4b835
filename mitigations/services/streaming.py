"""The streams of the settings: who gets the whole log, so that it is kept outside the portal as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from audit.models import Event, Outcome
from audit.sinks import BATCH, Job
from audit.streams import file, loglines, syslog, webhook
from audit.streams.webhook import Hook, Place
from audit.ways import mail
from audit.ways.message import Message
from mitigations.services import events

# What the names of their sinks begin with.
PREFIX = "stream-"


@dataclass(frozen=True, kw_only=True)
class Stream:
    """`name` is that of its sink; `label` says where it goes, with nothing secret in it."""

    name: str
    title: str
    label: str
    job: Job


def jobs(*, now: Callable[[], datetime]) -> dict[str, Job]:
    """What there is to do, by the name of the sink. Raises ValueError with one clear sentence."""
    if settings.AUDIT_STREAM_FILE:
        with _named("AUDIT_STREAM_FILE"):
            file.check(Path(settings.AUDIT_STREAM_FILE))
    return {stream.name: stream.job for stream in streams(now=now)}


def streams(*, now: Callable[[], datetime]) -> list[Stream]:
    """Those that are switched on. Raises ValueError with one clear sentence about the setting that is wrong."""
    return [*_log_lines(), *_syslog(), *_webhook(now), *_file(), *_checkpoint_mail(), *_checkpoint_webhook()]


def _log_lines() -> Iterator[Stream]:
    if settings.AUDIT_STREAM_LOG:
        yield _stream("log", "Log lines", "stdout of the worker", loglines.write, at_once=BATCH)


def _syslog() -> Iterator[Stream]:
    if not settings.AUDIT_STREAM_SYSLOG:
        return
    with _named("AUDIT_STREAM_SYSLOG"):
        to = syslog.receiver(settings.AUDIT_STREAM_SYSLOG)

    def send(events: Sequence[Event]) -> None:
        syslog.send(events, to=to, seconds=settings.TELLING_CALL_SECONDS)

    yield _stream("syslog", "Syslog", to.label, send, at_once=syslog.AT_ONCE)


def _webhook(now: Callable[[], datetime]) -> Iterator[Stream]:
    if not settings.AUDIT_STREAM_WEBHOOK:
        return
    with _named("AUDIT_STREAM_WEBHOOK"):
        to = Hook(
            url=settings.AUDIT_STREAM_WEBHOOK,
            secret=settings.AUDIT_STREAM_WEBHOOK_SECRET,
            named=settings.OUTGOING_NETWORKS,
        )

    def send(events: Sequence[Event]) -> None:
        [event] = events
        webhook.send(event, to=to, seconds=settings.TELLING_CALL_SECONDS, now=now)

    yield _stream("webhook", "Webhook", to.label, send, at_once=1)


def _file() -> Iterator[Stream]:
    if not settings.AUDIT_STREAM_FILE:
        return
    path = Path(settings.AUDIT_STREAM_FILE)
    yield _stream("file", "File", str(path), lambda events: file.append(events, path=path), at_once=BATCH)


def _checkpoint_mail() -> Iterator[Stream]:
    if not settings.AUDIT_CHECKPOINT_MAIL:
        return
    to: list[str] = settings.AUDIT_CHECKPOINT_MAIL
    if not mail.is_on():
        raise ValueError("AUDIT_CHECKPOINT_MAIL needs EMAIL_URL.")

    def send(events: Sequence[Event]) -> None:
        [event] = events
        done: set[str] = set()
        mail.send(_letter(event), to=to, accepted=done.add, seconds=settings.TELLING_CALL_SECONDS)

    yield _stream("checkpoint-mail", "Checkpoints by mail", ", ".join(to), send, at_once=1, wants=_is_checkpoint)


def _checkpoint_webhook() -> Iterator[Stream]:
    if not settings.AUDIT_CHECKPOINT_WEBHOOK:
        return
    with _named("AUDIT_CHECKPOINT_WEBHOOK"):
        to = Place(url=settings.AUDIT_CHECKPOINT_WEBHOOK, named=settings.OUTGOING_NETWORKS)

    def send(events: Sequence[Event]) -> None:
        [event] = events
        headers = {"Content-Type": "text/plain; charset=utf-8", "X-Breakwater-Checkpoint": str(event.facts["number"])}
        webhook.post(event.facts["note"].encode(), headers, to=to, seconds=settings.TELLING_CALL_SECONDS)

    yield _stream("checkpoint-webhook", "Checkpoints by webhook", to.label, send, at_once=1, wants=_is_checkpoint)


def _letter(event: Event) -> Message:
    number = event.facts["number"]
    text = (
        "Keep this where nobody who runs the portal can change it. "
        f"`manage.py verify_audit --checkpoint FILE` compares the log with it.\n\n{event.facts['note']}"
    )
    return Message(key=f"checkpoint-{number}", title=f"The head of the audit log at event {number}", text=text)


def _is_checkpoint(event: Event) -> bool:
    return event.deed == events.CHECKPOINTED and event.outcome == Outcome.DONE


def _stream(
    kind: str,
    title: str,
    label: str,
    take: Callable[[Sequence[Event]], None],
    *,
    at_once: int,
    wants: Callable[[Event], bool] = lambda _: True,
) -> Stream:
    def deliver(events: Sequence[Event]) -> bool:
        take(events)
        return True

    job = Job(wants=wants, deliver=deliver, at_once=at_once, whole=True)
    return Stream(name=f"{PREFIX}{kind}", title=title, label=label, job=job)


@contextmanager
def _named(setting: str) -> Iterator[None]:
    """What is wrong finishes a sentence that begins with the setting's name. Never its value, which may be a secret."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{setting} {error}") from None
