"""A call that is over when its time is over, whatever is at the other end."""

from __future__ import annotations

import threading
from collections.abc import Callable

from audit.delivery import NotDelivered


def within(seconds: float, call: Callable[[], None]) -> None:
    """Make the call. Raises what it raises, or NotDelivered when it is not over in time.

    Timeouts of sockets count between two bytes, so a server that trickles would hold its caller for hours. The call
    runs in a thread of its own; when its time is over nobody waits for it any more, and it may still arrive: at least
    once is what is promised. The thread is a daemon, or it would keep the process from ending.
    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="way", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise NotDelivered(f"It did not answer within {seconds:g} s.")
    if raised:
        raise raised[0]
