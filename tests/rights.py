"""Who may do what: the one table, of deeds by role and by relation to the subject. Pages and services are held to it.

`tests/accounts/test_authority.py` asks the policy, `tests/test_rights.py` every service and every page about one
mitigation, and `tests/views/test_every_url.py` visits every route there is as everybody: a route, a deed or a service
that has no row here fails.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import product

from accounts.authority import Deed, Role

# any      on everybody's
# own      on their own alone
# own*     likewise, and only together with the role of a requester
# others   on everybody's but their own
# -        never
#
# Whether whoever asked is in the same team changes nothing; nor do the superuser and staff bits.
DEEDS = """
                no-role  viewer  requester  approver  auditor  administrator  break-glass  worker
view            -        any     any        any       any      any            -            -
ask             -        -       any        -         -        -              -            -
withdraw        -        -       own        -         -        -              -            -
approve         -        -       -          others    -        -              -            -
reject          -        -       -          others    -        -              -            -
break-glass     -        -       -          -         -        -              own*         -
review-glass    -        -       -          others    -        -              -            -
stop            -        -       any        any       -        -              -            -
record-stop     -        -       any        any       -        -              -            -
settle          -        -       -          others    -        -              -            -
identify        -        -       -          others    -        -              -            -
send            -        -       -          -         -        -              -            any
keep-time       -        -       -          -         -        -              -            any
follow          -        -       -          -         -        -              -            any
read-audit      -        -       -          -         any      -              -            -
review          -        -       -          -         any      -              -            -
sign-off        -        -       -          -         any      -              -            -
answer-question any      any     any        any       any      any            any          any
verify-audit    -        -       -          -         any      any            -            any
ask-redaction   -        -       -          -         any      -              -            -
see-redactions  -        -       -          -         any      any            -            -
redact          -        -       -          -         -        any            -            -
export          -        -       -          -         any      -              -            -
archive         -        -       -          -         -        any            -            -
edit-catalogue  -        -       -          -         -        any            -            -
edit-plan       -        -       -          -         -        any            -            -
edit-rules      -        -       -          -         -        any            -            -
edit-presets    -        -       -          -         -        any            -            -
edit-sources    -        -       -          -         -        any            -            -
take-secret     -        -       own        -         -        -              -            -
share-lists     -        -       -          -         -        any            -            -
edit-channels   -        -       -          -         -        any            -            -
settle-alarm    -        -       -          any       -        any            -            -
make-token      -        any     any        any       any      any            -            -
manage-people   -        -       -          -         -        any            -            -
administer      -        -       -          -         -        any            -            -
"""

# What a GET and a POST that bring nothing give whoever may do the deed; everybody else gets a 403, a stranger the
# sign-in page. The words are those of tests/views/test_every_url.py. `/own`: only to whom the row belongs, here dana.
ROUTES = """
GET       POST      deed             at
page      405       view             ·
page      405       view             search/
page      405       view             mitigations/
page      form      ask              mitigations/new/
page      form      ask              mitigations/new/many/
page      405       view             mitigations/csv/
goes      form      approve          mitigations/chosen/approve/
goes      form      reject           mitigations/chosen/reject/
goes      form      withdraw         mitigations/chosen/withdraw/
goes      form      stop             mitigations/chosen/stop/
page      405       view             mitigations/saved/
page      form      view             mitigations/saved/new/
page/own  form/own  view             mitigations/saved/<int:id>/
405       goes/own  view             mitigations/saved/<int:id>/delete/
page      405       view             mitigations/<ref:reference>/together/
page      form      approve          mitigations/<ref:reference>/together/decide/
page      405       view             mitigations/<ref:reference>/
page      done      approve          mitigations/<ref:reference>/approve/
page      form      reject           mitigations/<ref:reference>/reject/
page      done      withdraw         mitigations/<ref:reference>/withdraw/
page      form      stop             mitigations/<ref:reference>/stop/
page      form      break-glass      mitigations/<ref:reference>/break-glass/
page      form      review-glass     mitigations/<ref:reference>/review/
page      form      settle           mitigations/<ref:reference>/settle/
page      form      identify         mitigations/<ref:reference>/identify/
page      405       view             mitigations/elsewhere/
page      405       view             targets/<path:prefix>/
page      405       approve          approvals/
page      405       view             catalogue/
page      405       edit-catalogue   catalogue/kentik/
405       409       edit-catalogue   catalogue/kentik/take-over/
405       409       edit-catalogue   catalogue/kentik/read/
page      form      edit-catalogue   catalogue/<what:what>/new/
page      form      edit-catalogue   catalogue/<what:what>/<int:id>/
405       done      edit-catalogue   catalogue/<what:what>/<int:id>/retire/
405       409       edit-catalogue   catalogue/<what:what>/<int:id>/restore/
page      405       view             policy/rules/
page      405       view             policy/rules/<int:number>/
page      405       edit-rules       policy/rules/draft/
page      400       edit-rules       policy/rules/draft/new/
page      400       edit-rules       policy/rules/draft/<int:place>/
405       400       edit-rules       policy/rules/draft/arrange/
405       400       edit-rules       policy/rules/draft/start-over/
page      400       edit-rules       policy/rules/publish/
page      405       view             policy/simulator/
page      405       view             presets/
page      form      edit-presets     presets/new/
page      form      edit-presets     presets/<int:id>/
page      done      edit-presets     presets/<int:id>/delete/
page      405       view             sources/
page      form      edit-sources     sources/new/
page      405       view             sources/<int:id>/
page      form      edit-sources     sources/<int:id>/edit/
page/own  page/own  take-secret      sources/<int:id>/secret/
405       done      edit-sources     sources/<int:id>/off/
405       409       edit-sources     sources/<int:id>/on/
page      form      edit-plan        policy/teams/new/
page      form      edit-plan        policy/teams/<int:id>/
page      405       view             policy/<part:part>/
page      form      edit-plan        policy/<part:part>/new/
page      form      edit-plan        policy/<part:part>/import/
page      form      edit-plan        policy/<part:part>/<int:id>/
page      done      edit-plan        policy/<part:part>/<int:id>/delete/
page      405       edit-channels    policy/channels/
page      form      edit-channels    policy/channels/new/
page      form      edit-channels    policy/channels/<int:id>/
page      done      edit-channels    policy/channels/<int:id>/delete/
405       done      edit-channels    policy/channels/<int:id>/test/
page      form      anybody          account/preferences/
page      405       anybody          account/shortcuts/
page      405       anybody          account/tokens/
page      form      make-token       account/tokens/new/
page      goes      anybody          account/messages/
404       405       anybody          account/typed/<str:key>/
page      form      settle-alarm     alarms/<int:id>/
page      405       manage-people    people/
page      form      manage-people    people/invite/
page      405       manage-people    people/<str:username>/
page      form      manage-people    people/<str:username>/roles/
page      form      manage-people    people/<str:username>/teams/
page      page      manage-people    people/<str:username>/invite/
page      done      manage-people    people/<str:username>/sign-out/
page      done      manage-people    people/<str:username>/deactivate/
page      409       manage-people    people/<str:username>/reset-factors/
page      409       manage-people    people/<str:username>/reactivate/
page      405       view             reports/
page      405       read-audit       audit/
page      form      export           audit/export/
page      405       export           audit/export/<int:id>/
405       page      export           audit/export/<int:id>/download/
page      405       verify-audit     audit/verify/
405       goes      verify-audit     audit/verify/ask/
405       goes      verify-audit     audit/verify/sign/
page      405       verify-audit     audit/checkpoints/<int:number>/
page      405       see-redactions   audit/redactions/
page      form      ask-redaction    audit/redactions/<log:log>/<int:number>/
page      goes      redact           audit/redactions/<int:id>/
page      405       read-audit       audit/report/
page      405       read-audit       audit/<int:number>/
page      405       anybody          account/questions/
goes      form      anybody          account/questions/<int:number>/
page      405       review           audit/reviews/
page      405       review           audit/reviews/<int:number>/
405       done      review           audit/reviews/<int:number>/<step:step>/
page      405       sign-off         audit/periods/
page      405       sign-off         audit/periods/<str:text>/
405       form      sign-off         audit/periods/<str:text>/sign/
405       form      sign-off         audit/periods/<str:text>/countersign/
"""

# The services that do each deed, in mitigations.services. What no service does, pages show or the worker does alone.
SERVICES = """
ask              requests.ask together.ask_all
withdraw         requests.withdraw
approve          approvals.approve
reject           approvals.reject
break-glass      glass.break_glass
review-glass     glass.review
stop             stopping.order
record-stop      settling.record_stop
settle           settling.settle
identify         adopting.adopt_by
edit-catalogue   catalogue.save catalogue.retire catalogue.restore catalogue.import_rows syncing.want syncing.take_over
edit-plan        plan.save plan.delete plan.import_entries plan.save_team
settle-alarm     plan.settle_alarm
manage-people    people.invite people.change_roles people.change_teams people.deactivate people.reactivate
edit-rules       rules.add rules.replace rules.remove rules.move rules.start_over rules.publish
edit-presets     presets.save presets.delete
edit-sources     sources.add sources.change sources.switch_off sources.switch_on
take-secret      sources.take_secret
view             saved.save saved.delete
edit-channels    channels.save channels.delete channels.test lagging.forget
verify-audit     auditing.proving.want_verification auditing.proving.want_checkpoint
verify-audit     auditing.proving.check auditing.proving.checkpoint
export           auditing.exporting.ask auditing.exporting.download
archive          auditing.archiving.archive
ask-redaction    auditing.redacting.ask
redact           auditing.redacting.carry_out auditing.redacting.decline
review           auditing.reviewing.take auditing.reviewing.give_back auditing.reviewing.note auditing.reviewing.ask
review           auditing.reviewing.close auditing.reviewing.follow_up
answer-question  auditing.reviewing.answer
sign-off         auditing.periods.sign_off auditing.periods.countersign
"""

ANYBODY = "anybody"


def _cells() -> dict[tuple[Deed, str], str]:
    head, *rows = [line.split() for line in DEEDS.strip().splitlines()]
    return {(Deed(deed), role): cell for deed, *found in rows for role, cell in zip(head, found, strict=True)}


_ALL = _cells()
CELLS = {(deed, Role(role)): cell for (deed, role), cell in _ALL.items() if role != "no-role"}


def may_do(roles: Collection[Role], deed: Deed, *, own: bool) -> bool:
    """Whether whoever holds these roles may do it to what is their own, or somebody else's."""
    for role in ["no-role", *roles]:
        cell = _ALL[deed, role]
        if cell == "any" or cell == ("own" if own else "others"):
            return True
        if cell == "own*" and own and Role.REQUESTER in roles:
            return True
    return False


def may_ever(roles: Collection[Role], deed: Deed) -> bool:
    return any(may_do(roles, deed, own=own) for own in (True, False))


def routes_by_deed() -> dict[str, tuple[str, str, str]]:
    """route → what a GET gives, what a POST gives, and for which deed; `anybody` for none."""
    _, *rows = [line.split() for line in ROUTES.strip().splitlines()]
    return {route.replace("·", ""): (get, post, deed) for get, post, deed, route in rows}


def services_by_name() -> dict[str, Deed]:
    rows = [line.split() for line in SERVICES.strip().splitlines()]
    return {service: Deed(deed) for deed, *services in rows for service in services}


def expected(roles: dict[str, Collection[Role]]) -> dict[tuple[str, str], dict[str, str]]:
    """(method, route) → what each of these people gets, and `anybody` who has not signed in."""
    table = {}
    for (route, row), (place, method) in product(routes_by_deed().items(), enumerate(("GET", "POST"))):
        word, deed = row[place], row[2]
        word, _, whose = word.partition("/")
        table[method, route] = {ANYBODY: "sign-in"} | {
            who: word if deed == ANYBODY or (may_ever(held, Deed(deed)) and (not whose or who == "dana")) else "403"
            for who, held in roles.items()
        }
    return table
