"""The one lane to Kentik: a single row that whoever calls takes first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mitigations", "0004_what_must_hold_of_rules_and_glass"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lane",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("holder", models.CharField(blank=True, max_length=200)),
                ("fence", models.PositiveBigIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "paused_until",
                    models.DateTimeField(help_text="Nothing leaves before: Kentik answered 429.", null=True),
                ),
                (
                    "throttled",
                    models.PositiveIntegerField(default=0, help_text="How many 429s have followed each other."),
                ),
                ("skew_ms", models.BigIntegerField(null=True)),
                ("skew_measured_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_lane"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("holder", ""), ("lease_until", None)),
                            models.Q(models.Q(("holder", ""), _negated=True), ("lease_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="lane_held_by_whom_and_until_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("skew_measured_at", None), ("skew_ms", None)),
                            models.Q(("skew_measured_at__isnull", False), ("skew_ms__isnull", False)),
                            _connector="OR",
                        ),
                        name="lane_skew_and_when",
                    ),
                ],
            },
        ),
    ]
