"""Triggers on who holds which role: nobody audits who also asks or approves, whatever writes the rows.

The person's row is locked first, so that two administrators who each give one of the two roles at the same moment do
so one after the other. A role keeps its name, or renaming a group would be a way around it.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from audit.triggers import refuse_when

AUDITS, DOES = "'auditor'", "'requester', 'approver'"
ROLES = f"{AUDITS}, {DOES}, 'viewer', 'administrator', 'break-glass'"

CLASHES = f"""EXISTS (
    SELECT 1 FROM auth_group given, accounts_user_groups held JOIN auth_group other ON other.id = held.group_id
    WHERE given.id = NEW.group_id AND held.user_id = NEW.user_id {{besides}}
    AND ((given.name = {AUDITS} AND other.name IN ({DOES})) OR (given.name IN ({DOES}) AND other.name = {AUDITS})))"""  # noqa: S608 (names of our own)


def none_yet(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Whoever holds both has to lose one first, and a migration cannot know which."""
    auditors = apps.get_model("accounts", "User").objects.filter(groups__name="auditor")
    both = auditors.filter(groups__name__in=["requester", "approver"]).distinct()
    if names := sorted(both.values_list("username", flat=True)):
        raise RuntimeError(
            f"{', '.join(names)}: nobody may be auditor and also requester or approver. With the version before, take "
            "one of them away in manage.py shell: user.groups.remove(Group.objects.get(name='auditor')). Then migrate."
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_invitations_and_stamps")]
    operations = [
        migrations.RunPython(none_yet, migrations.RunPython.noop),
        *(
            refuse_when(
                f"roles_that_clash_{event.lower()}",
                table="accounts_user_groups",
                event=event,
                condition=CLASHES.format(besides=besides),
                because="an auditor cannot also be requester or approver",
                locking="accounts_user WHERE id = NEW.user_id",
            )
            for event, besides in (("INSERT", ""), ("UPDATE", "AND held.id <> NEW.id"))
        ),
        refuse_when(
            "role_keeps_its_name",
            table="auth_group",
            event="UPDATE",
            condition=f"OLD.name <> NEW.name AND (OLD.name IN ({ROLES}) OR NEW.name IN ({ROLES}))",
            because="a role keeps its name",
        ),
    ]
