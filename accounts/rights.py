"""What may be changed about people: pure rules over plain values, and the words for roles and states."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from accounts.authority import PEOPLE, Role, clashes
from audit.refusal import Objection


class State(StrEnum):
    """`INVITED`: they have never signed in, and may not have set a password yet."""

    ACTIVE = "active"
    INVITED = "invited"
    DEACTIVATED = "deactivated"


# In the order in which a form offers them; what each may, after "may".
DOES: Mapping[Role, str] = {
    Role.VIEWER: "see mitigations, exchanges and the catalogue",
    Role.REQUESTER: "ask for mitigations, withdraw their own, stop them",
    Role.BREAK_GLASS: "send an own request without approval, in an emergency",
    Role.APPROVER: "approve and reject what others ask for, stop them",
    Role.AUDITOR: "read, verify, export, review and sign off the log",
    Role.ADMINISTRATOR: "edit catalogue and policy, manage people",
}

# Names stand in every event, so none may look like another, like the portal itself, or like a page of /people/.
_NAME = re.compile(r"[a-z0-9][a-z0-9.@_+-]*", re.ASCII)
_RESERVED = frozenset({"invite", "manage.py", "worker"})
_NOT_A_NAME = "Use small letters, digits and . @ _ + - only, a letter or a digit first."


@dataclass(frozen=True, kw_only=True)
class Change:
    """Roles to be given and taken, of somebody who holds `held`."""

    held: frozenset[Role]
    given: frozenset[Role] = frozenset()
    taken: frozenset[Role] = frozenset()

    @property
    def after(self) -> frozenset[Role]:
        return (self.held - self.taken) | self.given

    @property
    def words(self) -> str:
        parts = ("gave " + listed(self.given)) * bool(self.given), ("took " + listed(self.taken)) * bool(self.taken)
        return ", ".join(part for part in parts if part) or "nothing"


def change(held: frozenset[Role], *, give: frozenset[Role], take: frozenset[Role]) -> Change:
    """What of this is a change at all: nobody is given what they have, and nothing is taken that they have not."""
    return Change(held=held, given=(give & PEOPLE) - held, taken=(take & held) - give)


def against_change(wanted: Change, *, is_self: bool, others_administer: bool) -> tuple[Objection, ...]:
    """What stands against it. `others_administer`: somebody else who is active, and has come, is administrator."""
    found = [*clashes(wanted.after)]
    if is_self and wanted.given:
        sentence = "Nobody gives themselves a role. Another administrator can give it to you."
        found.append(Objection(code="own-role", sentence=sentence))
    if Role.ADMINISTRATOR in wanted.taken and not others_administer:
        found.append(_LAST)
    if not wanted.given and not wanted.taken:
        found.append(Objection(code="nothing", sentence="Nothing would change: somebody may have done it already."))
    return tuple(found)


def against_leaving(roles: frozenset[Role], *, others_administer: bool) -> tuple[Objection, ...]:
    """What stands against deactivating somebody with these roles."""
    return (_LAST,) if Role.ADMINISTRATOR in roles and not others_administer else ()


def against_name(username: str) -> tuple[Objection, ...]:
    if not _NAME.fullmatch(username):
        return (Objection(code="username", sentence=_NOT_A_NAME),)
    if username in _RESERVED:
        return (Objection(code="username", sentence=f"{username} means something else here. Choose another name."),)
    return ()


def listed(roles: frozenset[Role]) -> str:
    """In the order of the forms; "no role" where there is none."""
    return ", ".join(role for role in DOES if role in roles) or "no role"


_LAST = Objection(
    code="last-administrator",
    sentence="Nobody else administers the portal. Make somebody administrator first, and wait until they have come.",
)
