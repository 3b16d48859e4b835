from mitigations.models.catalogue import Method, Pairing, Platform
from mitigations.models.exchange import Exchange
from mitigations.models.kentik import KentikView, Sighting, StopOrder
from mitigations.models.lane import Lane
from mitigations.models.mitigation import BreakGlass, Decision, Mitigation
from mitigations.models.plan import AddressSpace, Alarm, ProtectedPrefix, Team
from mitigations.models.preset import Preset
from mitigations.models.rules import Draft, Rulebook
from mitigations.models.saved import SavedList
from mitigations.models.source import Notice, Proposal, Source

__all__ = [
    "AddressSpace",
    "Alarm",
    "BreakGlass",
    "Decision",
    "Draft",
    "Exchange",
    "KentikView",
    "Lane",
    "Method",
    "Mitigation",
    "Notice",
    "Pairing",
    "Platform",
    "Preset",
    "Proposal",
    "ProtectedPrefix",
    "Rulebook",
    "SavedList",
    "Sighting",
    "Source",
    "StopOrder",
    "Team",
]
