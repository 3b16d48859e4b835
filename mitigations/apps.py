from django.apps import AppConfig

from audit import vocabulary
from mitigations.policies.concerns import CONCERNS
from mitigations.services.events import PHRASES


class MitigationsConfig(AppConfig):
    name = "mitigations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        vocabulary.register(PHRASES, CONCERNS)
