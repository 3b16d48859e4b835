from mitigations.models.catalogue import Method, Pairing, Platform
from mitigations.models.exchange import Exchange
from mitigations.models.mitigation import Decision, Mitigation

__all__ = ["Decision", "Exchange", "Method", "Mitigation", "Pairing", "Platform"]
