"""What the portal goes by: the caller's rights, the catalogue, the rules and the plan of addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router

from accounts.authority import SCOPES, Deed, may
from accounts.selectors import user_id
from mitigations.api import cursors, queries, responses, rows
from mitigations.api.asking import sought
from mitigations.api.calls import answered, number, reads, strange
from mitigations.api.door import ApiRequest
from mitigations.api.shapes.policy import (
    Catalogue,
    KentikThing,
    Me,
    PairingShown,
    Protected,
    ProtectedList,
    Right,
    Rules,
    RuleShown,
    SimulatedRule,
    Simulation,
    Space,
    SpaceList,
    TokenShown,
)
from mitigations.policies.guardrails import Severity, Terms, blocks
from mitigations.policies.plan import Part
from mitigations.policies.rules import Names, Rule, as_json, listed
from mitigations.policies.simulating import steps
from mitigations.selectors import catalogue, plan, rules
from mitigations.selectors.facts import Case

if TYPE_CHECKING:
    from mitigations.models import AddressSpace, Method, Pairing, Platform, ProtectedPrefix

router = Router(tags=["Policy"])


@router.get("/me", response=responses.read(Me), summary="Whose token this is, and what it may do")
@reads(None)
def me(request: ApiRequest) -> HttpResponse:
    actor, token = request.auth.actor, request.auth.token
    shape = Me(
        username=actor.username,
        name=actor.name,
        roles=sorted(actor.roles),
        token=TokenShown(
            name=token.name,
            beginning=token.beginning,
            scopes=list(token.scopes),
            networks=list(token.networks),
            expires_at=token.expires_at,
        ),
        rights=[_right(deed, " ".join(each.sentence for each in may(actor, deed))) for deed in SCOPES],
    )
    return answered(request, shape)


@router.get("/catalogue", response=responses.read(Catalogue), summary="Platforms, methods and pairings")
@reads(Deed.VIEW)
def things(request: ApiRequest) -> HttpResponse:
    """What may be asked for is what is `offered`."""
    found = catalogue.everything()
    shape = Catalogue(
        platforms=[_thing(each) for each in found.platforms],
        methods=[_thing(each) for each in found.methods],
        pairings=[_pairing(each) for each in found.pairings],
    )
    return answered(request, shape)


@router.get("/policy/rules", response=responses.read(Rules), summary="The rules of approval in force")
@reads(Deed.VIEW)
def in_force(request: ApiRequest) -> HttpResponse:
    """The first that matches decides."""
    current, names = rules.in_force(), rules.names()
    plain = as_json(current.parsed) if current else []
    parsed = current.parsed if current else ()
    shape = Rules(
        version=current.number if current else None,
        note=current.note if current else "",
        published_by=current.published_by.username if current else None,
        published_at=current.published_at if current else None,
        rules=[
            _rule(place, rule, each, names) for place, (rule, each) in enumerate(zip(parsed, plain, strict=True), 1)
        ],
    )
    return answered(request, shape)


@router.get("/policy/protected", response=responses.read(ProtectedList), summary="Protected prefixes")
@reads(Deed.VIEW)
def protected(request: ApiRequest, query: Query[queries.Ranges]) -> HttpResponse:
    found = _ranges(Part.PROTECTED, query)
    items, onward = [_protected(cast("ProtectedPrefix", each)) for each in found.rows], _onward(found)
    return answered(request, ProtectedList(items=items, next=onward), onward=onward)


@router.get("/policy/address-space", response=responses.read(SpaceList), summary="Address space")
@reads(Deed.VIEW)
def space(request: ApiRequest, query: Query[queries.Ranges]) -> HttpResponse:
    """Once any is defined, what is asked for must lie inside it."""
    found = _ranges(Part.SPACE, query)
    items, onward = [_space(cast("AddressSpace", each)) for each in found.rows], _onward(found)
    return answered(request, SpaceList(items=items, next=onward), onward=onward)


@router.get("/policy/simulation", response=responses.read(Simulation), summary="What would happen if somebody asked")
@reads(Deed.VIEW)
def simulate(request: ApiRequest, query: Query[queries.Simulated]) -> HttpResponse:
    """By the rules in force, for anybody: nothing is asked for, nobody is told."""
    who = user_id(query.who)
    if not who:
        raise strange("query:who", "Nobody has this username.")
    known = {each.pk: each for each in catalogue.everything().pairings}
    if query.pairing not in known:
        raise strange("query:pairing", "There is no such pairing. The catalogue has those that are.")
    terms = Terms(target=sought(query.target, "query:target"), minutes=query.minutes)
    case, book = Case(pairing=known[query.pairing], terms=terms, requester=who), rules.book_in_force()
    judgement = rules.judge([case], at=timezone.now(), book=book)[0]
    shape = Simulation(
        target=case.target.text,
        acted_on=case.wide.text,
        findings=rows.findings(judgement),
        blocked=bool(blocks(judgement.findings)),
        requirement=rows.requirement(judgement, plan.team_names()),
        steps=[
            SimulatedRule(place=each.place, when=each.when, unmet=each.unmet, decides=each.decides, asked=each.asked)
            for each in steps(book.rules, judgement.asked, rules.names())
        ],
    )
    return answered(request, shape)


def _right(deed: Deed, why_not: str) -> Right:
    return Right(deed=deed.value, allowed=not why_not, why_not=why_not)


def _thing(row: Platform | Method) -> KentikThing:
    return KentikThing(id=row.pk, kentik_id=row.kentik_id, name=row.name, kind=row.kind, retired_at=row.retired_at)


def _pairing(row: Pairing) -> PairingShown:
    return PairingShown(
        id=row.pk,
        name=str(row),
        platform=row.platform_id,
        method=row.method_id,
        effect=row.effect,
        offered=row.offered,
        linked=row.linked,
        ipv4=row.ipv4,
        ipv6=row.ipv6,
        widest_ipv4=row.widest_ipv4,
        widest_ipv6=row.widest_ipv6,
        widens_to_24=row.widens_to_24,
        needs_ports=row.needs_ports,
        default_minutes=row.default_minutes,
        longest_minutes=row.longest_minutes,
        retired=row.is_retired,
    )


def _protected(row: ProtectedPrefix) -> Protected:
    severity = Severity(row.severity)
    return Protected(id=row.pk, prefix=row.prefix, severity=severity, reason=row.reason, owner=row.owner.username)


def _space(row: AddressSpace) -> Space:
    return Space(id=row.pk, prefix=row.prefix, teams=[team.name for team in row.teams.all()], note=row.note)


def _rule(place: int, rule: Rule, plain: dict[str, Any], names: Names) -> RuleShown:
    return RuleShown(
        place=place,
        when=plain["when"],
        words=listed(rule.when, names),
        approvals=rule.approvals,
        team=names.team(rule.team) if rule.team is not None else None,
        waits_minutes=int(rule.waits.total_seconds() // 60),
        because=rule.because,
    )


def _ranges(part: Part, query: queries.Ranges) -> plan.Page:
    inside = sought(query.inside, "query:inside") if query.inside is not None else None
    return plan.page(part, after=number(query.cursor) or 0, inside=inside, size=query.limit)


def _onward(found: plan.Page) -> str | None:
    return cursors.pack(str(found.older)) if found.older is not None else None
