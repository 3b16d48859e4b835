"""The deeds of mitigations in the audit log, and their words."""

from __future__ import annotations

from accounts import events as accounts
from audit import walking
from audit.vocabulary import Phrase
from mitigations.policies import concerns, reviewing
from mitigations.policies.concerns import ALARM, CHANNELS, GLASS, REFUSED, RULES, SOURCES, THE_LOG, UNKNOWN

ASKED = "mitigation.asked"
ASKED_TOGETHER = "mitigation.asked-together"
WITHDRAWN = "mitigation.withdrawn"
APPROVED = "mitigation.approved"
REJECTED = "mitigation.rejected"
LAPSED = "mitigation.lapsed"
APPROVAL_LOST = "mitigation.approval-lost"
APPROVAL_BACK = "mitigation.approval-back"
SENDING = "mitigation.sending"
BLOCKED = "mitigation.blocked"
ANSWERED = "mitigation.answered"
LOST = "mitigation.lost"
EXPIRED = "mitigation.expired"
ENDED = "mitigation.ended"
STOPPED = "mitigation.stopped"
SETTLED = "mitigation.settled"
ENDING = "mitigation.ending"
MATCHED = "mitigation.matched"
SEEN_OVER = "mitigation.seen-over"
STOP_ORDERED = "mitigation.stop-ordered"
STOP_SENDING = "mitigation.stop-sending"
STOP_ANSWERED = "mitigation.stop-answered"
STOP_LOST = "mitigation.stop-lost"
ALARM_RAISED = "alarm.raised"
SEEN_ELSEWHERE = "kentik.seen-elsewhere"
V6_REFUSED = "kentik.refused"
V6_BACK = "kentik.open-again"
GLASS_BROKEN = "mitigation.glass-broken"
GLASS_REVIEWED = "mitigation.glass-reviewed"
DRAFT_EDITED = "rules.draft-edited"
RULES_PUBLISHED = "rules.published"
PRESET_SAVED = "preset.saved"
PRESET_DELETED = "preset.deleted"
LIST_SHARED = "list.shared"
LIST_DELETED = "list.deleted"
PLAN_SAVED = "plan.saved"
TEAMS_CHANGED = "account.teams-changed"
PLAN_DELETED = "plan.deleted"
PLAN_IMPORTED = "plan.imported"
ALARM_SETTLED = "alarm.settled"
CATALOGUE_SAVED = "catalogue.saved"
CATALOGUE_RETIRED = "catalogue.retired"
CATALOGUE_RESTORED = "catalogue.restored"
CATALOGUE_IMPORTED = "catalogue.imported"
CATALOGUE_TIGHTENED = "catalogue.tightened"
CATALOGUE_TAKEN_OVER = "catalogue.taken-over"
CATALOGUE_WANTED = "catalogue.wanted"
SOURCE_SAVED = "source.saved"
SOURCE_OFF = "source.switched-off"
SOURCE_ON = "source.switched-on"
SOURCE_USED = "source.used"
SECRET_TAKEN = "source.secret-taken"  # noqa: S105 (the name of a deed)
CHANNEL_SAVED = "channel.saved"
CHANNEL_DELETED = "channel.deleted"
CHANNEL_TESTED = "channel.tested"
VERIFICATION_WANTED = "audit.verification-wanted"
CHECKPOINT_WANTED = "audit.checkpoint-wanted"
VERIFIED = "audit.verified"
FLAW_FOUND = "audit.flaw-found"
CHECKPOINTED = "audit.checkpointed"
REDACTION_ASKED = "audit.redaction-asked"
REDACTION_DECLINED = "audit.redaction-declined"
REDACTED = walking.REDACTED
EXPORT_ASKED = "audit.export-asked"
EXPORT_BEGUN = "audit.export-begun"
EXPORTED = "audit.exported"
EXPORT_BROKEN_OFF = "audit.export-broken-off"
ARCHIVED = walking.ARCHIVED
REVIEW_TAKEN = "review.taken"
REVIEW_GIVEN_BACK = "review.given-back"
REVIEW_NOTED = "review.noted"
REVIEW_ASKED = reviewing.ASKED
REVIEW_ANSWERED = reviewing.ANSWERED
REVIEW_CLOSED = "review.closed"
REVIEW_FOLLOWED_UP = "review.followed-up"
PERIOD_SIGNED_OFF = "period.signed-off"
PERIOD_COUNTERSIGNED = "period.countersigned"
STREAM_BEHIND = "audit.stream-behind"
STREAM_CAUGHT_UP = "audit.stream-caught-up"
STREAM_FORGOTTEN = "audit.stream-forgotten"
LOG_FOLLOWED = "audit.followed"
EXCHANGES_FOLLOWED = "audit.exchanges-followed"

PHRASES = {
    ASKED: Phrase(done="asked for {subject}: {target} on {pairing}, {minutes} min", tried="ask for {subject}"),
    ASKED_TOGETHER: Phrase(
        done="asked for {count} mitigations at once, of which {subject} is the first",
        tried="ask for {count} mitigations at once",
    ),
    WITHDRAWN: Phrase(done="withdrew {subject}", tried="withdraw {subject}"),
    APPROVED: Phrase(done="approved {subject} ({approvals} of {needed})", tried="approve {subject}"),
    REJECTED: Phrase(done="rejected {subject}", tried="reject {subject}"),
    LAPSED: Phrase(
        done="put {subject} back to wait: an approval no longer counts",
        tried="send {subject}",
        label="an approval lapsed",
    ),
    APPROVAL_LOST: Phrase(
        done="made the approval of {subject} by {whose} count no longer",
        tried="change what counts for {subject}",
        label="an approval counts no longer",
    ),
    APPROVAL_BACK: Phrase(
        done="made the approval of {subject} by {whose} count again",
        tried="change what counts for {subject}",
        label="an approval counts again",
    ),
    SENDING: Phrase(
        done="is sending {subject} to Kentik (attempt {attempts})", tried="send {subject}", label="being sent"
    ),
    BLOCKED: Phrase(
        done="did not send {subject}: {sentence}", tried="send {subject}", review=REFUSED, label="not sent after all"
    ),
    ANSWERED: Phrase(
        done="recorded Kentik's answer to {subject}: {sentence}",
        tried="record an answer to {subject}",
        review=concerns.answered,
        label="answered by Kentik",
    ),
    LOST: Phrase(
        done="found {subject} without an answer: {sentence}",
        tried="look after {subject}",
        review=UNKNOWN,
        label="without an answer",
    ),
    EXPIRED: Phrase(done="let {subject} expire: {sentence}", tried="let {subject} expire"),
    ENDED: Phrase(
        done="noted that the auto-stop of {subject} has passed", tried="end {subject}", label="auto-stop passed"
    ),
    STOPPED: Phrase(
        done="recorded that {subject} was stopped in Kentik",
        tried="record a stop of {subject}",
        review=concerns.stopped,
        label="stop recorded",
    ),
    SETTLED: Phrase(done="settled {subject} as {status}", tried="settle {subject}", review=UNKNOWN),
    ENDING: Phrase(
        done="noted that {subject} ends in {minutes} minutes", tried="announce the end of {subject}", label="ends soon"
    ),
    GLASS_BROKEN: Phrase(
        done="broke the glass for {subject}: it goes to Kentik without approval",
        tried="break the glass for {subject}",
        review=GLASS,
    ),
    GLASS_REVIEWED: Phrase(
        done="reviewed the broken glass of {subject}: {verdict}",
        tried="review the broken glass of {subject}",
        review=concerns.glass_reviewed,
    ),
    DRAFT_EDITED: Phrase(done="edited the draft of the rules: {what}", tried="edit the draft of the rules"),
    RULES_PUBLISHED: Phrase(done="published {subject}, {count} in all", tried="publish {subject}", review=RULES),
    PRESET_SAVED: Phrase(done="saved the preset {subject}", tried="save the preset {subject}"),
    PRESET_DELETED: Phrase(done="deleted the preset {subject}", tried="delete the preset {subject}"),
    LIST_SHARED: Phrase(done="saved the list “{subject}” {whose}", tried="save the list “{subject}” for everybody"),
    LIST_DELETED: Phrase(done="deleted the list “{subject}” of everybody", tried="delete the list “{subject}”"),
    MATCHED: Phrase(
        done="found {subject} at Kentik as {kentik_id}",
        tried="find {subject} at Kentik",
        review=concerns.matched,
        label="found at Kentik",
    ),
    SEEN_OVER: Phrase(
        done="saw at Kentik that {subject} is over: {sentence}",
        tried="follow {subject}",
        review=concerns.seen_over,
        label="seen to be over at Kentik",
    ),
    STOP_ORDERED: Phrase(
        done="ordered {subject} to be stopped", tried="order {subject} to be stopped", review=concerns.stopped
    ),
    STOP_SENDING: Phrase(
        done="is telling Kentik to stop {subject} (attempt {attempts})", tried="stop {subject}", label="stop being sent"
    ),
    STOP_ANSWERED: Phrase(
        done="recorded Kentik's answer to the stop of {subject}: {sentence}",
        tried="record an answer to {subject}",
        review=concerns.stop_answered,
        label="stop answered by Kentik",
    ),
    STOP_LOST: Phrase(
        done="found the stop of {subject} without an answer",
        tried="look after {subject}",
        review=ALARM,
        label="stop without an answer",
    ),
    ALARM_RAISED: Phrase(done="raised an alarm about {subject}: {sentence}", tried="watch {subject}", review=ALARM),
    SEEN_ELSEWHERE: Phrase(
        done="saw {subject} at Kentik, started elsewhere (Kentik's {kentik_id})", tried="watch {subject}", review=ALARM
    ),
    V6_REFUSED: Phrase(
        done="found Kentik's mitigation API (V6) closed to the portal: {sentence}",
        tried="read from Kentik",
        review=REFUSED,
        label="Mitigation API (V6) closed to the portal",
    ),
    V6_BACK: Phrase(
        done="found Kentik's mitigation API (V6) open to the portal",
        tried="read from Kentik",
        label="Mitigation API (V6) open again",
    ),
    TEAMS_CHANGED: Phrase(
        done="changed the teams of {subject}: {changes}",
        tried="change the teams of {subject}: {changes}",
        review=accounts.PEOPLE,
    ),
    PLAN_SAVED: Phrase(
        done="saved the {what} {subject}; {alarms} alarms raised",
        tried="change the plan of addresses ({subject})",
        review=RULES,
    ),
    PLAN_DELETED: Phrase(
        done="deleted the {what} {subject}", tried="delete {subject} from the plan of addresses", review=RULES
    ),
    PLAN_IMPORTED: Phrase(
        done="imported {rows} rows of {what}; {alarms} alarms raised", tried="import {subject}", review=RULES
    ),
    ALARM_SETTLED: Phrase(done="settled an alarm about {subject}: {sentence}", tried="settle an alarm about {subject}"),
    CATALOGUE_SAVED: Phrase(
        done="saved {subject} in the catalogue",
        tried="save {subject} in the catalogue",
        review=concerns.catalogue_saved,
    ),
    CATALOGUE_RETIRED: Phrase(done="retired {subject}", tried="retire {subject}"),
    CATALOGUE_RESTORED: Phrase(done="brought {subject} back", tried="bring {subject} back", review=RULES),
    CATALOGUE_IMPORTED: Phrase(
        done="imported {rows} rows into the catalogue", tried="import into the catalogue", review=RULES
    ),
    CATALOGUE_TIGHTENED: Phrase(
        done="found in Kentik's catalogue what makes ours stricter: {sentence}",
        tried="read Kentik's catalogue",
        review=RULES,
    ),
    CATALOGUE_TAKEN_OVER: Phrase(
        done="took over Kentik's catalogue: {changes} changes", tried="take over Kentik's catalogue", review=RULES
    ),
    CATALOGUE_WANTED: Phrase(
        done="asked for Kentik's catalogue to be read now",
        tried="have Kentik's catalogue read",
        label="to be read again",
    ),
    SOURCE_SAVED: Phrase(done="saved {subject}; its secret: {secret}", tried="change {subject}", review=SOURCES),
    SOURCE_OFF: Phrase(done="switched {subject} off", tried="switch {subject} off", review=SOURCES),
    SOURCE_ON: Phrase(done="switched {subject} on", tried="switch {subject} on", review=SOURCES),
    SOURCE_USED: Phrase(done="used {subject} from {network}", tried="use {subject} from {network}"),
    SECRET_TAKEN: Phrase(
        done="took a secret for {subject}, {beginning}…", tried="take the secret of {subject}", review=SOURCES
    ),
    CHANNEL_SAVED: Phrase(
        done="saved the channel “{subject}”: address {address}, gets {kinds}",
        tried="change the channels ({subject})",
        review=CHANNELS,
    ),
    CHANNEL_DELETED: Phrase(
        done="deleted the channel “{subject}”", tried="delete the channel “{subject}”", review=CHANNELS
    ),
    STREAM_BEHIND: Phrase(
        done="found {subject} behind the log by {behind} events for 5 minutes: {error}",
        tried="watch {subject}",
        review=THE_LOG,
    ),
    STREAM_CAUGHT_UP: Phrase(done="found that {subject} has caught up with the log", tried="watch {subject}"),
    LOG_FOLLOWED: Phrase(done="read {subject} from event {after} on", tried="read {subject}", label="read by a token"),
    EXCHANGES_FOLLOWED: Phrase(
        done="read {subject} from number {after} on", tried="read {subject}", label="exchanges read by a token"
    ),
    STREAM_FORGOTTEN: Phrase(
        done="let {subject} go: it follows the log no longer", tried="let {subject} go", review=THE_LOG
    ),
    CHANNEL_TESTED: Phrase(done="sent a test message to “{subject}”: {sentence}", tried="test “{subject}”"),
    VERIFICATION_WANTED: Phrase(done="asked for {what} to be verified", tried="have the log verified"),
    CHECKPOINT_WANTED: Phrase(done="asked for the head of the log to be signed", tried="have the head signed"),
    VERIFIED: Phrase(done="verified the log: {sentence}", tried="verify the log"),
    FLAW_FOUND: Phrase(done="found a flaw in the log: {sentence}", tried="verify the log", review=THE_LOG),
    CHECKPOINTED: Phrase(done="signed event {number} as the head of the log", tried="sign the head of the log"),
    REDACTION_ASKED: Phrase(
        done="asked for {subject} to be redacted", tried="ask for {subject} to be redacted", review=THE_LOG
    ),
    REDACTION_DECLINED: Phrase(done="declined to redact {subject}", tried="decline to redact {subject}"),
    EXPORT_ASKED: Phrase(done="asked for {subject}: {what} as {format}", tried="export from the portal"),
    EXPORT_BEGUN: Phrase(done="began to download {subject}", tried="download {subject}"),
    EXPORTED: Phrase(done="exported {rows} {what} ({subject})", tried="end the download of {subject}"),
    EXPORT_BROKEN_OFF: Phrase(
        done="broke off the download of {subject} after {rows} {what}", tried="break off the download of {subject}"
    ),
    ARCHIVED: Phrase(done="archived {what} into {file}", tried="archive the log", review=THE_LOG),
    REDACTED: Phrase(done="redacted what stood beside {subject}", tried="redact {subject}", review=THE_LOG),
    REVIEW_TAKEN: Phrase(done="took {subject} for review", tried="take {subject} for review"),
    REVIEW_GIVEN_BACK: Phrase(done="gave {subject} back", tried="give {subject} back"),
    REVIEW_NOTED: Phrase(done="made a note about {subject}", tried="make a note about {subject}"),
    REVIEW_ASKED: Phrase(done="asked {of} about {subject}", tried="ask somebody about {subject}"),
    REVIEW_ANSWERED: Phrase(done="answered about {subject}", tried="answer about {subject}"),
    REVIEW_CLOSED: Phrase(done="closed the review of {subject}: {verdict}", tried="close the review of {subject}"),
    REVIEW_FOLLOWED_UP: Phrase(done="looked at {subject} again", tried="say that {subject} was looked at again"),
    PERIOD_SIGNED_OFF: Phrase(
        done="signed off {subject}, events {first} to {last}, of which {open} are still to be reviewed",
        tried="sign off {subject}",
    ),
    PERIOD_COUNTERSIGNED: Phrase(
        done="countersigned {subject} for the {own_acts} acts of {signer} in it", tried="countersign {subject}"
    ),
}
