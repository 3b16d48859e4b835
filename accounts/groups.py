"""Which roles the groups of the provider give: a pure policy over the setting OIDC_GROUPS."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from accounts.authority import INCOMPATIBLE, PEOPLE, Role


@dataclass(frozen=True, kw_only=True)
class Given:
    """`clashing`: what the groups would give as well, and one person must not hold together; none of it is given."""

    roles: frozenset[Role]
    clashing: frozenset[Role]


def read(pairs: Iterable[str]) -> dict[str, frozenset[Role]]:
    """Groups and their roles, of pairs like "netops=requester". A group may stand in several pairs.

    Raises ValueError with a sentence about the first pair that is none.
    """
    found: dict[str, frozenset[Role]] = {}
    for pair in pairs:
        group, sign, name = (part.strip() for part in pair.rpartition("="))
        if not sign or not group or name not in {role.value for role in PEOPLE}:
            raise ValueError(f"“{pair}” gives no group a role. A pair reads netops=requester.")
        found[group] = found.get(group, frozenset()) | {Role(name)}
    return found


def roles_of(groups: Collection[str], given_by: Mapping[str, frozenset[Role]]) -> Given:
    """An auditor who also asks or approves would review themselves, and nobody knows which of the two was meant: such a
    person gets neither, and keeps what does not clash.
    """
    roles = frozenset(role for group in groups for role in given_by.get(group, frozenset()))
    clashing = frozenset(
        role
        for one, others in INCOMPATIBLE.items()
        if one in roles and others & roles
        for role in {one, *others & roles}
    )
    return Given(roles=roles - clashing, clashing=clashing)
