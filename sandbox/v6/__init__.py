"""V6 as far as the portal calls it: what is offered, what is mitigated, and acting on it."""
