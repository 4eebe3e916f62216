from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig as DjangoStaticFilesConfig


class FrontDoorConfig(AppConfig):
    name = "bzpeer"
    label = "bzpeer"

    def ready(self) -> None:
        import bzpeer.metrics  # noqa: F401 — workers count their tasks, and load no middleware that would bring it


class StaticFilesConfig(DjangoStaticFilesConfig):
    """Static files without the scripts that django-htmx and allauth bring along: pages load our own."""

    ignore_patterns = [*DjangoStaticFilesConfig.ignore_patterns, "django_htmx", "account", "mfa"]
