"""What Kentik shows, orders to stop, and exchanges that are about no single mitigation."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mitigations", "0005_the_lane"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="code",
            field=models.CharField(default="protected", max_length=30),
        ),
        migrations.AlterField(
            model_name="exchange",
            name="mitigation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exchanges",
                to="mitigations.mitigation",
            ),
        ),
        migrations.AlterField(
            model_name="exchange",
            name="url",
            field=models.TextField(),
        ),
        migrations.CreateModel(
            name="KentikView",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                (
                    "refused_at",
                    models.DateTimeField(help_text="Since when Kentik refuses its V6 to the portal.", null=True),
                ),
                ("refusal", models.TextField(blank=True)),
                (
                    "tried_at",
                    models.DateTimeField(help_text="When the last look began, whatever came of it.", null=True),
                ),
                ("listed_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField(help_text="When the list last showed anything new.", null=True)),
                ("trouble", models.TextField(blank=True, help_text="Why the last list could not be read whole.")),
                ("platforms", models.JSONField(default=list)),
                ("methods", models.JSONField(default=list)),
                ("catalogue_tried_at", models.DateTimeField(null=True)),
                ("catalogue_read_at", models.DateTimeField(null=True)),
                ("catalogue_wanted_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_view_of_kentik")
                ],
            },
        ),
        migrations.CreateModel(
            name="Sighting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kentik_id", models.CharField(max_length=19, unique=True)),
                ("manual", models.BooleanField()),
                ("target", models.CharField(blank=True, max_length=100)),
                ("family", models.PositiveSmallIntegerField(null=True)),
                ("first", models.BinaryField(max_length=16, null=True)),
                ("last", models.BinaryField(max_length=16, null=True)),
                ("length", models.PositiveSmallIntegerField(null=True)),
                ("platform_id", models.CharField(blank=True, max_length=40)),
                ("method_id", models.CharField(blank=True, max_length=40)),
                ("state", models.CharField(max_length=100)),
                ("label", models.CharField(max_length=100)),
                (
                    "appearance",
                    models.CharField(
                        choices=[
                            ("pending", "pending"),
                            ("live", "live"),
                            ("stopping", "stopping"),
                            ("start-failed", "start-failed"),
                            ("clear-failed", "clear-failed"),
                            ("ended", "ended"),
                            ("unknown", "unknown"),
                        ],
                        max_length=16,
                    ),
                ),
                ("occupies", models.BooleanField()),
                ("started_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("auto_stop_minutes", models.PositiveIntegerField(null=True)),
                ("comment", models.TextField(blank=True)),
                ("seen_at", models.DateTimeField(help_text="When Kentik last showed it so.")),
                (
                    "told_at",
                    models.DateTimeField(
                        help_text="When the log was told of one that was started elsewhere.", null=True
                    ),
                ),
                (
                    "mitigation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sighting",
                        to="mitigations.mitigation",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("occupies", True)), fields=["first", "last"], name="sighting_occupied"
                    ),
                    models.Index(fields=["target"], name="sighting_target"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "appearance__in",
                                ["pending", "live", "stopping", "start-failed", "clear-failed", "ended", "unknown"],
                            )
                        ),
                        name="sighting_appearance_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StopOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kentik_id", models.CharField(max_length=19)),
                ("ordered_at", models.DateTimeField()),
                ("reason", models.TextField(max_length=2000)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("sending", "sending"),
                            ("delivered", "delivered"),
                            ("unclear", "unclear"),
                            ("refused", "refused"),
                            ("done", "done"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("attempt", models.UUIDField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("note", models.TextField(blank=True)),
                (
                    "mitigation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stop_orders",
                        to="mitigations.mitigation",
                    ),
                ),
                (
                    "ordered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(condition=models.Q(("closed_at", None)), fields=["ordered_at"], name="order_open")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["delivered", "sending", "unclear", "waiting"])),
                        fields=("mitigation",),
                        name="one_open_order_per_mitigation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["waiting", "sending", "delivered", "unclear", "refused", "done"])
                        ),
                        name="order_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="order_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("attempt__isnull", False), ("lease_until__isnull", False), ("status", "sending")),
                            models.Q(models.Q(("status", "sending"), _negated=True), ("lease_until", None)),
                            _connector="OR",
                        ),
                        name="order_lease_while_sending",
                    ),
                ],
            },
        ),
    ]
