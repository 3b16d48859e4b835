"""What wants a look becomes an item of the review, those that were marked before too; and periods are signed off."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from audit import vocabulary
from audit.canonical import read
from audit.triggers import no_truncate, refuse_when

_BATCH = 1_000
_ITEM = ("number", "kind", "grave")
_CLOSED = (
    "state",
    "held_by",
    "held_by_name",
    "held_at",
    "asked_of",
    "asked_of_name",
    "asked_at",
    "answered_at",
    "closed_at",
    "verdict",
)
_SIGNED = (
    *("id", "kind", "starts_at", "ends_at", "first", "last", "head", "signed_by", "signed_by_name", "signed_at"),
    *("unreviewed", "sample", "own_acts"),
)


def collect(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Those that were marked before, under the heading that such an event has today."""
    item = apps.get_model("audit", "Item")
    marked = apps.get_model("audit", "Event").objects.using(editor.connection.alias).filter(review=True)
    last = 0
    while batch := list(marked.filter(number__gt=last).order_by("number")[:_BATCH]):
        found = [(event.number, _concern(event)) for event in batch]
        item.objects.bulk_create(
            item(number=number, kind=concern.code, grave=concern.grave) for number, concern in found
        )
        last = batch[-1].number


def _concern(event: models.Model) -> vocabulary.Concern:
    known = vocabulary.is_known(event.deed)
    if event.outcome == "refused":
        return vocabulary.FORBIDDEN if known and vocabulary.is_telling_when_forbidden(event.deed) else vocabulary.OTHER
    found = vocabulary.concern(event.deed, read(event.body)["facts"]) if known else None
    return found or vocabulary.OTHER


def _changes(*columns: str) -> str:
    return " OR ".join(f'NEW."{column}" IS DISTINCT FROM OLD."{column}"' for column in columns)


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0008_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="Item",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.CharField(help_text="The code of its heading.", max_length=16)),
                ("grave", models.BooleanField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("taken", "Taken"),
                            ("asked", "Asked"),
                            ("answered", "Answered"),
                            ("closed", "Closed"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                (
                    "held_by",
                    models.CharField(
                        blank=True, help_text="Whoever took it, and closed it in the end.", max_length=200
                    ),
                ),
                ("held_by_name", models.CharField(blank=True, max_length=300)),
                ("held_at", models.DateTimeField(null=True)),
                (
                    "asked_of",
                    models.CharField(blank=True, help_text="Whose explanation was asked for last.", max_length=200),
                ),
                ("asked_of_name", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("verdict", models.CharField(blank=True, choices=[("ok", "Ok"), ("concern", "Concern")], max_length=7)),
                (
                    "follow_up_on",
                    models.DateField(help_text="The day by which somebody looks at a concern again.", null=True),
                ),
                ("followed_up_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["number"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "closed"), _negated=True),
                        fields=["-grave", "number"],
                        name="item_not_closed",
                    ),
                    models.Index(condition=models.Q(("state", "asked")), fields=["asked_of"], name="item_asked_of"),
                    models.Index(
                        condition=models.Q(("answered_at__isnull", False)),
                        fields=["asked_of", "-answered_at"],
                        name="item_answered",
                    ),
                    models.Index(fields=["kind", "-number"], name="item_kind"),
                    models.Index(
                        condition=models.Q(("follow_up_on__isnull", False), ("followed_up_at", None)),
                        fields=["follow_up_on"],
                        name="item_to_follow_up",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "taken", "asked", "answered", "closed"])),
                        name="item_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("held_at", None), ("held_by", ""), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                models.Q(("held_by", ""), _negated=True),
                                ("held_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="item_held_by_whom_and_since_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asked_at", None), ("asked_of", "")),
                            models.Q(models.Q(("asked_of", ""), _negated=True), ("asked_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="item_asked_of_whom_and_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("state", "asked"), _negated=True),
                                models.Q(models.Q(("asked_of", ""), _negated=True), ("answered_at", None)),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(("state", "answered"), _negated=True),
                                ("answered_at__isnull", False),
                                _connector="OR",
                            ),
                        ),
                        name="item_answered_when_it_says_so",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False), ("state", "closed"), ("verdict__in", ["ok", "concern"])
                            ),
                            models.Q(
                                models.Q(("state", "closed"), _negated=True), ("closed_at", None), ("verdict", "")
                            ),
                            _connector="OR",
                        ),
                        name="item_closed_when_and_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("follow_up_on", None), ("followed_up_at", None)),
                            models.Q(("follow_up_on__isnull", False), ("verdict", "concern")),
                            _connector="OR",
                        ),
                        name="item_follows_up_a_concern",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(help_text="How long the period is: day, week or month.", max_length=5)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("first", models.BigIntegerField(unique=True)),
                ("last", models.BigIntegerField(unique=True)),
                ("head", models.CharField(max_length=64)),
                ("signed_by", models.CharField(max_length=200)),
                ("signed_by_name", models.CharField(max_length=300)),
                ("signed_at", models.DateTimeField()),
                (
                    "unreviewed",
                    models.JSONField(
                        default=list, help_text="The numbers of the events that were still to be reviewed."
                    ),
                ),
                (
                    "sample",
                    models.JSONField(default=list, help_text="The references that were drawn from the ordinary ones."),
                ),
                ("own_acts", models.PositiveIntegerField(help_text="How many events in it are the signer's own.")),
                ("countersigned_by", models.CharField(blank=True, max_length=200)),
                ("countersigned_by_name", models.CharField(blank=True, max_length=300)),
                ("countersigned_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-first"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["day", "week", "month"])), name="signoff_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first__gte", 1), ("last__gte", models.F("first")), ("starts_at__lt", models.F("ends_at"))
                        ),
                        name="signoff_is_a_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("signed_at__gte", models.F("ends_at"))), name="signoff_after_its_end"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("countersigned_at", None), ("countersigned_by", "")),
                            models.Q(
                                models.Q(("countersigned_by", ""), _negated=True),
                                ("countersigned_at__isnull", False),
                                ("own_acts__gt", 0),
                            ),
                            _connector="OR",
                        ),
                        name="signoff_countersigned_by_whom_and_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("countersigned_by", models.F("signed_by")), _negated=True),
                        name="signoff_countersigned_by_somebody_else",
                    ),
                ],
            },
        ),
        migrations.RunPython(collect, migrations.RunPython.noop),
        refuse_when(
            "item_no_delete",
            table="audit_item",
            event="DELETE",
            condition="1 = 1",
            because="what wants a look is closed, not removed",
        ),
        no_truncate("audit_item", "what wants a look is closed, not removed"),
        refuse_when(
            "item_stays",
            table="audit_item",
            event="UPDATE",
            condition=f"{_changes(*_ITEM)} OR (OLD.state = 'closed' AND ({_changes(*_CLOSED, 'follow_up_on')}))",
            because="what is closed stays as it was closed",
        ),
        refuse_when(
            "signoff_tiles",
            table="audit_signoff",
            event="INSERT",
            condition='NEW."first" <> COALESCE((SELECT MAX("last") FROM audit_signoff), 0) + 1',
            because="a sign-off begins where the last one ended",
        ),
        refuse_when(
            "signoff_stays",
            table="audit_signoff",
            event="UPDATE",
            condition=f"{_changes(*_SIGNED)} OR OLD.countersigned_at IS NOT NULL",
            because="a sign-off stays as it was signed",
        ),
        refuse_when(
            "signoff_no_delete",
            table="audit_signoff",
            event="DELETE",
            condition="1 = 1",
            because="a sign-off stays as it was signed",
        ),
        no_truncate("audit_signoff", "a sign-off stays as it was signed"),
    ]
