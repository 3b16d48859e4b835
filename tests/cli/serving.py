"""The portal behind a real socket, inside the transaction of the test: its thread works on the test's own connection.

Whoever calls waits for the answer, so the two never use it at once. A server on a database of its own would have to
empty sixty tables after each test.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, WSGIHandler(), handler_class=_Quiet)
    thread = threading.Thread(target=_serve, args=(server, connections["default"]), daemon=True)
    with _shared(connections["default"]):
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _serve(server: WSGIServer, connection: Any) -> None:
    connections["default"] = connection
    server.serve_forever(poll_interval=0.01)


@contextmanager
def _shared(connection: Any) -> Iterator[None]:
    """For other threads too, and left open after each request, as Django's own test client does."""
    connection.inc_thread_sharing()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
        connection.dec_thread_sharing()
