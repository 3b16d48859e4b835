"""`python -m sandbox`: the stand-in Kentik as a process of its own."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.catalogue import SHIPPED
from sandbox.server import Sandbox
from sandbox.v5 import Spelling

STOPPING = {signal.SIGINT, signal.SIGTERM}


def read_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox", description="A stand-in Kentik on loopback.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8001, help="port to listen on, 0 for any (%(default)s)")
    parser.add_argument("--email", help="the only X-CH-Auth-Email to accept (any that is not empty)")
    parser.add_argument("--token", help="the only X-CH-Auth-API-Token to accept (any that is not empty)")
    parser.add_argument(
        "--spelling", choices=list(Spelling), default=Spelling.DOCUMENTED, help="key names to accept (%(default)s)"
    )
    parser.add_argument("--catalogue", type=Path, default=SHIPPED, help="JSON file of platforms and methods")
    parser.add_argument(
        "--start-seconds", type=float, default=0, help="how long a mitigation takes to come into force (%(default)s)"
    )
    parser.add_argument("--clear-seconds", type=float, default=0, help="how long it takes to go (%(default)s)")
    parser.add_argument("--quiet", action="store_true", help="do not print a line for each call")
    return parser.parse_args(arguments)


def main() -> int:
    options = read_arguments()
    # Held back before any thread starts, so that none of them takes a signal from the wait below.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        sandbox = Sandbox(**vars(options))
    except (OSError, OverflowError, ValueError) as error:
        print(f"The sandbox cannot start on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    with sandbox:
        print(f"The Kentik sandbox listens on {sandbox.url}", flush=True)
        signal.sigwait(STOPPING)
    return 0


if __name__ == "__main__":
    sys.exit(main())
