from django.apps import AppConfig

from accounts.events import CONCERNS, PHRASES
from audit import vocabulary


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        vocabulary.register(PHRASES, CONCERNS)
