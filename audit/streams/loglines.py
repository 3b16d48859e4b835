"""Log lines on a logger of their own, for whatever ships a container's output."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from audit.delivery import NotDelivered
from audit.lines import line
from audit.models import Event

# portal.settings gives it a handler to stdout, whose format is the bare line and which says when it cannot write.
logger = logging.getLogger("breakwater.audit")


def write(events: Sequence[Event]) -> None:
    try:
        for event in events:
            logger.info("%s", line(event))
    except OSError as error:
        raise NotDelivered(f"The output cannot be written: {error.strerror or type(error).__name__}.") from None
