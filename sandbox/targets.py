"""What may be given as a target: an address or a prefix without host bits."""

import ipaddress
import re

from sandbox.lifecycle import Network

PREFIX = re.compile(r"[0-9A-Fa-f.:]+(/[0-9]{1,3})?")


def target_problem(text: str) -> str | None:
    """The end of a sentence that says what is wrong with it, or None."""
    network = _network(text)
    if network is None:
        return "must be an IP address or a prefix"
    # An address without a length is its own network and passes.
    if "/" in text and ipaddress.ip_address(text.partition("/")[0]) != network.network_address:
        return f"has host bits set; the prefix is {network}"
    return None


def _network(text: str) -> Network | None:
    """Python reads netmasks and scopes as well, which are no CIDR, so the pattern comes first."""
    if not PREFIX.fullmatch(text):
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
