"""Who may do what: one table and one pure function. The pages, the API and the worker all ask `may`.

A role is a Django group of the same name. No other flag gives a right: `is_superuser` and `is_staff` change nothing
here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from audit.author import Author, Origin
from audit.refusal import Forbidden, Objection


class Role(StrEnum):
    VIEWER = "viewer"
    REQUESTER = "requester"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    # A right for named requesters, worth nothing by itself: to send an own request without approval, and answer for it.
    BREAK_GLASS = "break-glass"
    # The portal's own hand: what no person may do, such as calling Kentik. Not a group, so nobody can be given it.
    WORKER = "worker"


PEOPLE = frozenset(Role) - {Role.WORKER}
_VIEWERS = PEOPLE - {Role.BREAK_GLASS}


class Deed(StrEnum):
    """What can be done. A deed on a mitigation is also a row of the table in `mitigations.policies.lifecycle`."""

    VIEW = "view"
    ASK = "ask"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REJECT = "reject"
    BREAK_GLASS = "break-glass"
    REVIEW_GLASS = "review-glass"
    STOP = "stop"
    RECORD_STOP = "record-stop"
    SETTLE = "settle"
    IDENTIFY = "identify"
    SEND = "send"
    KEEP_TIME = "keep-time"
    FOLLOW = "follow"
    READ_AUDIT = "read-audit"
    VERIFY_AUDIT = "verify-audit"
    EXPORT = "export"
    ARCHIVE = "archive"
    ASK_REDACTION = "ask-redaction"
    SEE_REDACTIONS = "see-redactions"
    REDACT = "redact"
    REVIEW = "review"
    SIGN_OFF = "sign-off"
    ANSWER_QUESTION = "answer-question"
    EDIT_CATALOGUE = "edit-catalogue"
    EDIT_PLAN = "edit-plan"
    EDIT_RULES = "edit-rules"
    EDIT_PRESETS = "edit-presets"
    SHARE_LISTS = "share-lists"
    EDIT_CHANNELS = "edit-channels"
    EDIT_SOURCES = "edit-sources"
    TAKE_SECRET = "take-secret"  # noqa: S105 (the name of a deed)
    MAKE_TOKEN = "make-token"  # noqa: S105 (the name of a deed)
    SETTLE_ALARM = "settle-alarm"
    MANAGE_PEOPLE = "manage-people"
    ADMINISTER = "administer"


class Scope(StrEnum):
    """What a token is for. It bounds what its owner may do, and adds nothing to it."""

    READ = "read"
    ASK = "ask"
    DECIDE = "decide"
    STOP = "stop"
    AUDIT = "audit"

    @property
    def words(self) -> str:
        return _SCOPE_WORDS[self]


_SCOPE_WORDS = {
    Scope.READ: "look at mitigations, exchanges, the catalogue, rules and reports",
    Scope.ASK: "ask for mitigations, and withdraw what its owner asked for",
    Scope.DECIDE: "approve and reject what others than its owner asked for",
    Scope.STOP: "order one that runs to be stopped",
    Scope.AUDIT: "read and verify the audit log",
}

# Which scope a token needs for a deed. What is not here no token does: a person does it, signed in.
SCOPES: Mapping[Deed, Scope] = {
    Deed.VIEW: Scope.READ,
    Deed.ASK: Scope.ASK,
    Deed.WITHDRAW: Scope.ASK,
    Deed.APPROVE: Scope.DECIDE,
    Deed.REJECT: Scope.DECIDE,
    Deed.STOP: Scope.STOP,
    Deed.READ_AUDIT: Scope.AUDIT,
    Deed.VERIFY_AUDIT: Scope.AUDIT,
}


class Relation(StrEnum):
    """What the actor must be to the mitigation."""

    ANY = "any"
    OWN = "own"
    OTHERS = "others"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """To whoever holds any of `roles`, and all of `besides`; to everybody with an account where it is `anybody`."""

    roles: frozenset[Role] = frozenset()
    anybody: bool = False
    relation: Relation = Relation.ANY
    besides: frozenset[Role] = frozenset()


def _to(*roles: Role, relation: Relation = Relation.ANY, besides: frozenset[Role] = frozenset()) -> Grant:
    return Grant(roles=frozenset(roles), relation=relation, besides=besides)


GRANTS: Mapping[Deed, Grant] = {
    Deed.VIEW: _to(*_VIEWERS),
    Deed.ASK: _to(Role.REQUESTER),
    Deed.WITHDRAW: _to(Role.REQUESTER, relation=Relation.OWN),
    Deed.APPROVE: _to(Role.APPROVER, relation=Relation.OTHERS),
    Deed.REJECT: _to(Role.APPROVER, relation=Relation.OTHERS),
    Deed.BREAK_GLASS: _to(Role.BREAK_GLASS, relation=Relation.OWN, besides=frozenset({Role.REQUESTER})),
    Deed.REVIEW_GLASS: _to(Role.APPROVER, relation=Relation.OTHERS),
    Deed.STOP: _to(Role.REQUESTER, Role.APPROVER),
    Deed.RECORD_STOP: _to(Role.REQUESTER, Role.APPROVER),
    # Whoever asked has a stake in what the answer was, so another pair of eyes settles it.
    Deed.SETTLE: _to(Role.APPROVER, relation=Relation.OTHERS),
    # It may make an unknown one active, so the same holds.
    Deed.IDENTIFY: _to(Role.APPROVER, relation=Relation.OTHERS),
    Deed.SEND: _to(Role.WORKER),
    Deed.KEEP_TIME: _to(Role.WORKER),
    Deed.FOLLOW: _to(Role.WORKER),
    Deed.READ_AUDIT: _to(Role.AUDITOR),
    Deed.EXPORT: _to(Role.AUDITOR),
    # From the command line alone: no page does it.
    Deed.ARCHIVE: _to(Role.ADMINISTRATOR),
    # Whoever verifies learns no more than whether the log is sound.
    Deed.VERIFY_AUDIT: _to(Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER),
    Deed.ASK_REDACTION: _to(Role.AUDITOR),
    Deed.SEE_REDACTIONS: _to(Role.AUDITOR, Role.ADMINISTRATOR),
    # Never by whoever asked for it: `Redaction` has a constraint that says so.
    Deed.REDACT: _to(Role.ADMINISTRATOR),
    Deed.REVIEW: _to(Role.AUDITOR),
    Deed.SIGN_OFF: _to(Role.AUDITOR),
    # Whoever was asked answers, whatever they may otherwise do by now; the service looks who that is.
    Deed.ANSWER_QUESTION: Grant(anybody=True),
    Deed.EDIT_CATALOGUE: _to(Role.ADMINISTRATOR),
    Deed.EDIT_PLAN: _to(Role.ADMINISTRATOR),
    Deed.EDIT_RULES: _to(Role.ADMINISTRATOR),
    Deed.EDIT_PRESETS: _to(Role.ADMINISTRATOR),
    # What is shared stands above everybody's list. For themselves, whoever may look saves what they like.
    Deed.SHARE_LISTS: _to(Role.ADMINISTRATOR),
    Deed.EDIT_CHANNELS: _to(Role.ADMINISTRATOR),
    Deed.EDIT_SOURCES: _to(Role.ADMINISTRATOR),
    # Alerts ask in the name of whoever has the secret, so nobody else sees it: an administrator who did could ask in
    # somebody else's name, and approve that.
    Deed.TAKE_SECRET: _to(Role.REQUESTER, relation=Relation.OWN),
    # Worth no more than the roles of whoever makes it, so whoever may look may have one.
    Deed.MAKE_TOKEN: _to(*_VIEWERS),
    Deed.SETTLE_ALARM: _to(Role.APPROVER, Role.ADMINISTRATOR),
    # What else stands against it, such as giving oneself a role, is in `accounts.rights`.
    Deed.MANAGE_PEOPLE: _to(Role.ADMINISTRATOR),
    Deed.ADMINISTER: _to(Role.ADMINISTRATOR),
}

# Whoever reviews what was done has not done it.
INCOMPATIBLE: Mapping[Role, frozenset[Role]] = {Role.AUDITOR: frozenset({Role.REQUESTER, Role.APPROVER})}


class Subject(Protocol):
    """What a deed is done to, as far as authority is concerned."""

    @property
    def requested_by_id(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody who does something, as they are at this moment.

    `token`: the name of the token by which they do it, and `scopes` what that is for; None: they do it by hand.
    `source`: the name of the source of alerts that does it in their name.
    """

    id: int | None
    username: str
    name: str
    roles: frozenset[Role]
    origin: Origin = field(default_factory=Origin)
    scopes: frozenset[Scope] | None = None
    token: str = ""
    source: str = ""

    @property
    def author(self) -> Author:
        key = f"user:{self.id}" if self.id is not None else f"system:{self.username}"
        return Author(key=key, name=self.username, origin=self.origin, through=self._through)

    @property
    def _through(self) -> str:
        if self.source:
            return f"the source “{self.source}”"
        return f"the token “{self.token}”" if self.token else ""


# Whoever may run manage.py may do anything to the database; the log says that it was done from there.
COMMAND_LINE = Actor(id=None, username="manage.py", name="the command line", roles=frozenset({Role.ADMINISTRATOR}))
WORKER = Actor(id=None, username="worker", name="the worker", roles=frozenset({Role.WORKER}))


def may(actor: Actor, deed: Deed, subject: Subject | None = None) -> tuple[Objection, ...]:
    """Everything that stands against this deed by this actor; empty when they may.

    Without a subject it answers for the kind of deed ("may dana ever withdraw?"), as a menu needs it.
    """
    grant = GRANTS[deed]
    if actor.scopes is not None and SCOPES.get(deed) not in actor.scopes:
        return (Objection(code="scope", sentence=_out_of_scope(deed)),)
    if grant.anybody and actor.id is not None:
        return ()
    if not actor.roles & grant.roles or not grant.besides <= actor.roles:
        return (Objection(code="role", sentence=_needs(grant, deed)),)
    if subject is None or grant.relation is Relation.ANY:
        return ()
    own = subject.requested_by_id == actor.id
    if grant.relation is Relation.OWN and not own:
        return (
            Objection(
                code="not-own", sentence=f"Only {_OWNERS.get(deed, 'whoever asked')} may {_verb_for(deed)} this."
            ),
        )
    if grant.relation is Relation.OTHERS and own:
        return (Objection(code="own", sentence=f"Nobody may {_verb_for(deed)} their own request."),)
    return ()


def demand(actor: Actor, deed: Deed, subject: Subject | None = None) -> None:
    """Raise Forbidden unless the actor may."""
    if objections := may(actor, deed, subject):
        raise Forbidden(objections)


def clashes(roles: frozenset[Role]) -> tuple[Objection, ...]:
    """Roles that one person must not hold together."""
    return tuple(
        Objection(code="incompatible-roles", sentence=f"An {role} cannot also be {_listed(others & roles)}.")
        for role, others in INCOMPATIBLE.items()
        if role in roles and others & roles
    )


def _out_of_scope(deed: Deed) -> str:
    scope = SCOPES.get(deed)
    if scope is None:
        return f"No token may {_verb(deed)}: a person does that, signed in."
    return f"This token may not {_verb(deed)}: it lacks the scope “{scope}”."


def _needs(grant: Grant, deed: Deed) -> str:
    if grant.roles == _VIEWERS:
        return "Your account has no role yet. An administrator can give you one."
    if grant.anybody:
        return f"Only people may {_verb(deed)}."
    if grant.roles == {Role.WORKER}:
        return "Only the portal's worker does this."
    holders = "requesters with that right" if grant.besides else _listed(grant.roles, plural="s")
    return f"Only {holders} may {_verb(deed)}."


def _listed(roles: frozenset[Role], plural: str = "") -> str:
    return " or ".join(f"{role}{plural}" for role in sorted(roles))


_VERBS = {
    Deed.ASK: "ask for a mitigation",
    Deed.RECORD_STOP: "record a stop",
    Deed.READ_AUDIT: "read the audit log",
    Deed.VERIFY_AUDIT: "verify the audit log",
    Deed.EXPORT: "export from the portal",
    Deed.ARCHIVE: "archive the audit log",
    Deed.ASK_REDACTION: "ask for a redaction",
    Deed.SEE_REDACTIONS: "see redactions",
    Deed.REDACT: "redact what stands in the audit log",
    Deed.REVIEW: "review the log",
    Deed.SIGN_OFF: "sign off a period",
    Deed.ANSWER_QUESTION: "answer a question",
    Deed.EDIT_CATALOGUE: "edit the catalogue",
    Deed.BREAK_GLASS: "break the glass",
    Deed.REVIEW_GLASS: "review a broken glass",
    Deed.EDIT_RULES: "edit the rules of approval",
    Deed.EDIT_PRESETS: "edit presets",
    Deed.SHARE_LISTS: "share lists with everybody",
    Deed.EDIT_CHANNELS: "edit where messages go",
    Deed.EDIT_SOURCES: "edit sources of alerts",
    Deed.TAKE_SECRET: "take the secret of a source of alerts",
    Deed.MAKE_TOKEN: "make a token of the API",
    Deed.EDIT_PLAN: "edit address space, teams and protected prefixes",
    Deed.SETTLE_ALARM: "settle an alarm",
    Deed.MANAGE_PEOPLE: "manage people",
}


# As they stand before the mitigation that they are done to.
_VERBS_FOR = {
    Deed.BREAK_GLASS: "break the glass for",
    Deed.REVIEW_GLASS: "review the broken glass of",
    Deed.TAKE_SECRET: "take the secret of",
}


# Who an own one belongs to, where that is not whoever asked.
_OWNERS = {Deed.TAKE_SECRET: "the owner"}


def _verb_for(deed: Deed) -> str:
    return _VERBS_FOR.get(deed, deed.value)


def _verb(deed: Deed) -> str:
    return _VERBS.get(deed, deed.value)
