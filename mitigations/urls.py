"""The addresses of the portal's pages. A mitigation is named by its reference, MIT-42."""

from django.urls import path, register_converter

from mitigations.api import page, site
from mitigations.policies.catalogue import What
from mitigations.policies.plan import Part
from mitigations.policies.reviewing import Step
from mitigations.views import (
    asking,
    catalogue,
    chosen,
    deciding,
    exports,
    kentik,
    listing,
    many,
    mitigations,
    people,
    periods,
    plan,
    presets,
    queue,
    reports,
    reviews,
    rules,
    saved,
    searching,
    shortcuts,
    sources,
    syncing,
    targets,
    telling,
    together,
)
from mitigations.views.audit import event, log, proofs, redactions
from mitigations.views.overview import overview
from mitigations.views.simulator import simulator


class ReferenceConverter:
    regex = "MIT-[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class WhatConverter:
    regex = "|".join(What)

    def to_python(self, value: str) -> What:
        return What(value)

    def to_url(self, value: str) -> str:
        return str(value)


class LogConverter:
    """A chained log by its name."""

    regex = "events|exchanges"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PartConverter:
    regex = "|".join(Part)

    def to_python(self, value: str) -> Part:
        return Part(value)

    def to_url(self, value: str) -> str:
        return str(value)


class StepConverter:
    regex = "|".join(Step)

    def to_python(self, value: str) -> Step:
        return Step(value)

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(LogConverter, "log")
register_converter(PartConverter, "part")
register_converter(ReferenceConverter, "ref")
register_converter(StepConverter, "step")
register_converter(WhatConverter, "what")

urlpatterns = [
    path("api/", page.index, name="api"),
    path("api/openapi.json", page.schema, name="api-schema"),
    path("api/v1/", site.urls()),
    path("", overview, name="overview"),
    path("search/", searching.index, name="search"),
    path("mitigations/", listing.index, name="mitigations"),
    path("mitigations/csv/", listing.csv, name="mitigations-csv"),
    path("mitigations/chosen/approve/", chosen.approve, name="chosen-approve"),
    path("mitigations/chosen/reject/", chosen.reject, name="chosen-reject"),
    path("mitigations/chosen/withdraw/", chosen.withdraw, name="chosen-withdraw"),
    path("mitigations/chosen/stop/", chosen.stop, name="chosen-stop"),
    path("mitigations/saved/", saved.index, name="saved"),
    path("mitigations/saved/new/", saved.new, name="saved-new"),
    path("mitigations/saved/<int:id>/", saved.edit, name="saved-edit"),
    path("mitigations/saved/<int:id>/delete/", saved.delete, name="saved-delete"),
    path("mitigations/new/", asking.new, name="new"),
    path("mitigations/new/many/", many.new, name="many"),
    path("mitigations/<ref:reference>/", mitigations.detail, name="mitigation"),
    path("mitigations/<ref:reference>/together/", together.index, name="together"),
    path("mitigations/<ref:reference>/together/decide/", together.decide, name="together-decide"),
    path("mitigations/<ref:reference>/approve/", deciding.approve, name="approve"),
    path("mitigations/<ref:reference>/reject/", deciding.reject, name="reject"),
    path("mitigations/<ref:reference>/withdraw/", deciding.withdraw, name="withdraw"),
    path("mitigations/<ref:reference>/stop/", deciding.stop, name="stop"),
    path("mitigations/<ref:reference>/break-glass/", deciding.break_glass, name="break-glass"),
    path("mitigations/<ref:reference>/review/", deciding.review, name="review"),
    path("mitigations/<ref:reference>/settle/", deciding.settle, name="settle"),
    path("mitigations/<ref:reference>/identify/", kentik.identify, name="identify"),
    path("mitigations/elsewhere/", kentik.elsewhere, name="elsewhere"),
    path("targets/<path:prefix>/", targets.index, name="target"),
    path("approvals/", queue.index, name="approvals"),
    path("catalogue/", catalogue.index, name="catalogue"),
    path("catalogue/kentik/", syncing.index, name="catalogue-kentik"),
    path("catalogue/kentik/take-over/", syncing.take_over, name="catalogue-take-over"),
    path("catalogue/kentik/read/", syncing.read_again, name="catalogue-read"),
    path("catalogue/<what:what>/new/", catalogue.new, name="catalogue-new"),
    path("catalogue/<what:what>/<int:id>/", catalogue.edit, name="catalogue-edit"),
    path("catalogue/<what:what>/<int:id>/retire/", catalogue.retire, name="catalogue-retire"),
    path("catalogue/<what:what>/<int:id>/restore/", catalogue.restore, name="catalogue-restore"),
    path("policy/rules/", rules.index, name="rules"),
    path("policy/rules/<int:number>/", rules.version, name="rules-version"),
    path("policy/rules/draft/", rules.draft, name="rules-draft"),
    path("policy/rules/draft/new/", rules.new, name="rules-new"),
    path("policy/rules/draft/<int:place>/", rules.edit, name="rules-edit"),
    path("policy/rules/draft/arrange/", rules.arrange, name="rules-arrange"),
    path("policy/rules/draft/start-over/", rules.start_over, name="rules-start-over"),
    path("policy/rules/publish/", rules.publish, name="rules-publish"),
    path("policy/simulator/", simulator, name="simulator"),
    path("presets/", presets.index, name="presets"),
    path("presets/new/", presets.new, name="preset-new"),
    path("presets/<int:id>/", presets.edit, name="preset-edit"),
    path("presets/<int:id>/delete/", presets.delete, name="preset-delete"),
    path("sources/", sources.index, name="sources"),
    path("sources/new/", sources.new, name="source-new"),
    path("sources/<int:id>/", sources.detail, name="source"),
    path("sources/<int:id>/edit/", sources.edit, name="source-edit"),
    path("sources/<int:id>/secret/", sources.secret, name="source-secret"),
    path("sources/<int:id>/off/", sources.off, name="source-off"),
    path("sources/<int:id>/on/", sources.on, name="source-on"),
    path("policy/teams/new/", plan.team, name="team-new"),
    path("policy/teams/<int:id>/", plan.team, name="team"),
    path("policy/<part:part>/", plan.index, name="plan"),
    path("policy/<part:part>/new/", plan.new, name="plan-new"),
    path("policy/<part:part>/import/", plan.import_csv, name="plan-import"),
    path("policy/<part:part>/<int:id>/", plan.edit, name="plan-edit"),
    path("policy/<part:part>/<int:id>/delete/", plan.delete, name="plan-delete"),
    path("policy/channels/", telling.index, name="channels"),
    path("policy/channels/new/", telling.new, name="channel-new"),
    path("policy/channels/<int:id>/", telling.edit, name="channel"),
    path("policy/channels/<int:id>/delete/", telling.delete, name="channel-delete"),
    path("policy/channels/<int:id>/test/", telling.test, name="channel-test"),
    path("account/messages/", telling.own, name="messages"),
    path("alarms/<int:id>/", plan.alarm, name="alarm"),
    path("people/", people.index, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<str:username>/", people.detail, name="person"),
    path("people/<str:username>/roles/", people.roles, name="person-roles"),
    path("people/<str:username>/teams/", people.teams, name="person-teams"),
    path("people/<str:username>/invite/", people.invite_again, name="person-invite"),
    path("people/<str:username>/sign-out/", people.sign_out, name="person-sign-out"),
    path("people/<str:username>/reset-factors/", people.reset_factors, name="person-reset-factors"),
    path("people/<str:username>/deactivate/", people.deactivate, name="person-deactivate"),
    path("people/<str:username>/reactivate/", people.reactivate, name="person-reactivate"),
    path("reports/", reports.index, name="reports"),
    path("audit/", log.index, name="audit"),
    path("audit/export/", exports.index, name="exports"),
    path("audit/export/<int:id>/", exports.show, name="export"),
    path("audit/export/<int:id>/download/", exports.download, name="export-download"),
    path("audit/verify/", proofs.index, name="proofs"),
    path("audit/verify/ask/", proofs.verify, name="proofs-verify"),
    path("audit/verify/sign/", proofs.sign, name="proofs-sign"),
    path("audit/checkpoints/<int:number>/", proofs.checkpoint, name="checkpoint"),
    path("audit/redactions/", redactions.index, name="redactions"),
    path("audit/redactions/<log:log>/<int:number>/", redactions.ask, name="redaction-ask"),
    path("audit/redactions/<int:id>/", redactions.decide, name="redaction"),
    path("audit/report/", reports.printable, name="audit-report"),
    path("audit/<int:number>/", event.detail, name="event"),
    path("account/shortcuts/", shortcuts.index, name="shortcuts"),
    path("account/questions/", reviews.questions, name="questions"),
    path("account/questions/<int:number>/", reviews.answer, name="answer"),
    path("audit/reviews/", reviews.index, name="reviews"),
    path("audit/reviews/<int:number>/", reviews.detail, name="review-item"),
    path("audit/reviews/<int:number>/<step:step>/", reviews.act, name="review-step"),
    path("audit/periods/", periods.index, name="periods"),
    path("audit/periods/<str:text>/", periods.detail, name="period"),
    path("audit/periods/<str:text>/sign/", periods.sign, name="period-sign"),
    path("audit/periods/<str:text>/countersign/", periods.countersign, name="period-countersign"),
]
