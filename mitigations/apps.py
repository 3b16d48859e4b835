from django.apps import AppConfig

from accounts import consequences
from audit import vocabulary
from mitigations.policies.concerns import CONCERNS
from mitigations.services.events import PHRASES


class MitigationsConfig(AppConfig):
    name = "mitigations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # It needs models, which are not there while apps are loaded.
        from mitigations.services import counting

        vocabulary.register(PHRASES, CONCERNS)
        consequences.register(counting.followed)
