from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig as DjangoStaticFilesConfig


class FrontDoorConfig(AppConfig):
    name = "bzpeer"
    label = "bzpeer"


class StaticFilesConfig(DjangoStaticFilesConfig):
    """Static files without the copies of htmx that django-htmx brings along: pages load our own, vendor/htmx.min.js."""

    ignore_patterns = [*DjangoStaticFilesConfig.ignore_patterns, "django_htmx"]
