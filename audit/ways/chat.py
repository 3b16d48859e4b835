"""Chat, pagers and webhooks, by Apprise. An address holds tokens: nothing here puts one into a sentence or a log.

Apprise's traps, met here:

- A host may be a token: in slack://… and pagerduty://… it is one. So only the kinds in `_HOSTED` show their host, and
  Apprise's own masking, which leaves the first and last letter, is not used at all.
- It logs addresses, at DEBUG in full, to one logger for the whole process; urllib3 logs paths. portal.settings shuts
  the first and raises the second. Why something failed is told by the log alone, so each way gets a logger of its own
  for as long as it lives, which keeps the HTTP status and nothing else.
- It follows redirects, and an address may ask for it (`redirect=yes`), for long timeouts (`rto=…`), or for a template
  to be read from a file (`template=…`). All of them are overruled or refused.
- It knows a hundred ways more, among them the desktop, syslog, and mail with keys from files. Only ways over HTTP whose
  code was read are let through.
- Like requests it takes proxies and passwords from the environment and from ~/.netrc, and connects to wherever a name
  points: `guarded` stands where requests stood.
- `Apprise.notify` runs calls in a pool whose threads the interpreter waits for at its end, so the way is asked itself.
"""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import urlsplit

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType
from apprise.plugins import url_to_dict
from django.conf import settings

from audit import reaching
from audit.delivery import NotDelivered
from audit.ways.bounded import within
from audit.ways.guarded import guard
from audit.ways.message import Message

_CONNECT, _READ = 4.0, 8.0

_HOSTED = frozenset(
    {
        *("json", "jsons", "xml", "xmls", "form", "forms", "workflow", "workflows"),
        *("mmost", "mmosts", "rocket", "rockets", "ntfys", "gotify", "gotifys"),
    }
)
WAYS = _HOSTED | {
    *("slack", "discord", "gchat", "webex", "wxteams", "zulip", "tgram", "ntfy"),
    *("pagerduty", "opsgenie", "splunk", "victorops", "signl4", "pover"),
}
_STATUS = re.compile(r"error=(\d{3})\b")


class BadAddress(ValueError):
    """`str()` of it is a sentence for people, without the address."""


def label(address: str) -> str:
    """What may be shown of an address: "slack://…", "jsons://hooks.example.net/…". Raises BadAddress."""
    way = _parsed(address)
    _instance(way)
    schema, host = str(way["schema"]), str(way.get("host") or "")
    if schema in _HOSTED and reaching.names_what_is_not_allowed(host, named=settings.OUTGOING_NETWORKS):
        raise BadAddress("This address is inside the network. OUTGOING_NETWORKS names what may be reached there.")
    return f"{schema}://{host}/…" if schema in _HOSTED and host else f"{schema}://…"


def send(message: Message, *, address: str, seconds: float) -> None:
    """Over in so many seconds. Raises NotDelivered; BadAddress when the address cannot be used at all."""
    way = _way(address)
    ear = _Ear()
    way.logger = ear.logger
    within(seconds, lambda: _notify(way, message, ear))


def _notify(way: Any, message: Message, ear: _Ear) -> None:
    kind = NotifyType.WARNING if message.urgent else NotifyType.INFO
    try:
        taken = way.notify(body=message.body, title=message.title, notify_type=kind, body_format=NotifyFormat.TEXT)
    except NotDelivered:
        raise
    except Exception as error:
        # Its words may hold the address.
        raise NotDelivered(f"Sending failed ({type(error).__name__}).") from None
    if not taken:
        raise NotDelivered(ear.sentence)


def _parsed(address: str) -> dict[str, Any]:
    way: dict[str, Any] | None = url_to_dict(address, secure_logging=True)  # type: ignore[no-untyped-call] # it has none
    if way is None:
        raise BadAddress("This is no address that can be used. Apprise's documentation shows how each kind is written.")
    if way["schema"] not in WAYS:
        raise BadAddress(f"{urlsplit(address).scheme}:// is not offered. These are: {', '.join(sorted(WAYS))}.")
    if way.get("template"):
        raise BadAddress("An address must not name a template: it would be read from this machine's files.")
    return way


def _way(address: str) -> Any:
    way = _instance(_parsed(address))
    way.redirects = False
    way.socket_connect_timeout, way.socket_read_timeout = _CONNECT, _READ
    return way


def _asset() -> AppriseAsset:
    """Who speaks, and no pictures from Apprise's own site."""
    return AppriseAsset(app_id="Breakwater", app_desc="", app_url="", image_url_mask="", image_url_logo="")


def _instance(parsed: dict[str, Any]) -> Any:
    way = Apprise.instantiate(dict(parsed), asset=_asset())
    if way is None:
        raise BadAddress("Something is missing in this address, or is not as it should be.")
    guard(way)
    return way


class _Ear(logging.Handler):
    """Listens to one way, and keeps the status of the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.logger = logging.Logger("way", logging.WARNING)  # noqa: LOG001 (one by name would outlive it)
        self.logger.addHandler(self)
        self._status = ""

    def emit(self, record: logging.LogRecord) -> None:
        if found := _STATUS.search(record.getMessage()):
            self._status = found[1]

    @property
    def sentence(self) -> str:
        return f"It answered with HTTP {self._status}." if self._status else "It cannot be reached, or took nothing."
