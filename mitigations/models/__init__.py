from mitigations.models.catalogue import Method, Pairing, Platform
from mitigations.models.exchange import Exchange
from mitigations.models.mitigation import Decision, Mitigation
from mitigations.models.plan import AddressSpace, Alarm, ProtectedPrefix, Team

__all__ = [
    "AddressSpace",
    "Alarm",
    "Decision",
    "Exchange",
    "Method",
    "Mitigation",
    "Pairing",
    "Platform",
    "ProtectedPrefix",
    "Team",
]
