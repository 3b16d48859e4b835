"""The listening socket and the connections accepted from it."""

import contextlib
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.kentik import Kentik
from sandbox.world import World

POLL_SECONDS = 0.05


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        handler: type[BaseHTTPRequestHandler],
        *,
        world: World,
        kentik: Kentik,
        quiet: bool,
    ) -> None:
        self.world = world
        self.kentik = kentik
        self.quiet = quiet
        self.stopped = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """As the parent does, without asking the resolver for a name that nobody needs."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def serve(self) -> None:
        self.serve_forever(poll_interval=POLL_SECONDS)

    def stop(self) -> None:
        """Stop listening and wake every call that waits or hangs. Returns without waiting for them to end."""
        self.stopped.set()
        # Wakes the loop that accepts, which would otherwise look up only at its next poll.
        _hang_up(self.socket)
        self.shutdown()
        self.server_close()
        with self._lock:
            for connection in self._connections:
                _hang_up(connection)

    def process_request(self, request: Any, client_address: Any) -> None:  # as the parent has it
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # as the parent has it
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)


def _hang_up(connection: socket.socket) -> None:
    """End it for whoever waits on it, in whichever thread."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def has_left(connection: socket.socket) -> bool:
    """Whether the caller has closed its side; looks without taking anything from the connection."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
