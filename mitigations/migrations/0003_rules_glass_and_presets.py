"""Rules of approval in versions, broken glass, presets, and what a request keeps of them."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit.triggers import lift


class Migration(migrations.Migration):
    dependencies = [
        ("mitigations", "0002_what_must_hold"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        lift("decision_not_by_requester", table="mitigations_decision"),
        migrations.CreateModel(
            name="BreakGlass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("broken_at", models.DateTimeField()),
                ("reason", models.TextField(max_length=2000)),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("justified", models.BooleanField(null=True)),
                ("review_note", models.TextField(blank=True, max_length=2000)),
            ],
            options={
                "verbose_name_plural": "broken glass",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("rules", models.JSONField(default=list)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("edited_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Preset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                (
                    "target_class",
                    models.CharField(
                        choices=[("any", "any target"), ("host", "a single address"), ("network", "a network")],
                        default="any",
                        max_length=10,
                    ),
                ),
                (
                    "inside",
                    models.CharField(blank=True, help_text="The prefix that its targets lie in.", max_length=43),
                ),
                ("minutes", models.PositiveIntegerField(validators=[django.core.validators.MaxValueValidator(525600)])),
                ("comment", models.CharField(blank=True, max_length=200)),
                (
                    "reason",
                    models.TextField(
                        blank=True, help_text="What a good reason for it says, to be filled in.", max_length=2000
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Rulebook",
            fields=[
                ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("rules", models.JSONField()),
                ("note", models.TextField(max_length=2000)),
                ("published_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.AddField(
            model_name="method",
            name="modified_at",
            field=models.DateTimeField(editable=False, help_text="When it was last changed at Kentik.", null=True),
        ),
        migrations.AddField(
            model_name="mitigation",
            name="approving_team",
            field=models.ForeignKey(
                help_text="Only its approvals count.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="mitigations.team",
            ),
        ),
        migrations.AddField(
            model_name="mitigation",
            name="asked_with",
            field=models.ForeignKey(
                help_text="The first of those together.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="companions",
                to="mitigations.mitigation",
            ),
        ),
        migrations.AddField(
            model_name="mitigation",
            name="end_announced_at",
            field=models.DateTimeField(help_text="When people were told that it ends soon.", null=True),
        ),
        migrations.AddField(
            model_name="mitigation",
            name="findings_when_asked",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="mitigation",
            name="rulebook",
            field=models.PositiveIntegerField(help_text="The version of the rules that said so.", null=True),
        ),
        migrations.AddField(
            model_name="pairing",
            name="linked",
            field=models.BooleanField(default=True, editable=False, help_text="The method is linked to it at Kentik."),
        ),
        migrations.AddField(
            model_name="platform",
            name="modified_at",
            field=models.DateTimeField(editable=False, help_text="When it was last changed at Kentik.", null=True),
        ),
        migrations.AlterField(
            model_name="mitigation",
            name="rule",
            field=models.CharField(help_text="The sentence that the requester read before asking.", max_length=400),
        ),
        migrations.AddConstraint(
            model_name="mitigation",
            constraint=models.CheckConstraint(
                condition=models.Q(("approvals_needed__lte", 5)), name="mitigation_approvals_bounded"
            ),
        ),
        migrations.AddField(
            model_name="breakglass",
            name="broken_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="breakglass",
            name="mitigation",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="glass", to="mitigations.mitigation"
            ),
        ),
        migrations.AddField(
            model_name="breakglass",
            name="reviewed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="edited_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="preset",
            name="pairing",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="presets", to="mitigations.pairing"
            ),
        ),
        migrations.AddField(
            model_name="rulebook",
            name="published_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="breakglass",
            index=models.Index(condition=models.Q(("reviewed_at", None)), fields=["broken_at"], name="glass_to_review"),
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="glass_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("justified", None), ("reviewed_at", None), ("reviewed_by", None)),
                    models.Q(
                        ("justified__isnull", False),
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                        models.Q(("review_note", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="glass_reviewed_by_whom_when_and_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reviewed_by", None),
                    models.Q(("reviewed_by", models.F("broken_by")), _negated=True),
                    _connector="OR",
                ),
                name="glass_reviewed_by_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_draft"),
        ),
        migrations.AddConstraint(
            model_name="preset",
            constraint=models.CheckConstraint(
                condition=models.Q(("target_class__in", ["any", "host", "network"])), name="preset_target_class_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="preset",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__lte", 525600)), name="preset_minutes_bounded"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebook",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="rulebook_numbered_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebook",
            constraint=models.CheckConstraint(
                condition=models.Q(("note", ""), _negated=True), name="rulebook_says_why"
            ),
        ),
    ]
