from django.apps import AppConfig


class WorksConfig(AppConfig):
    name = "works"

    def ready(self) -> None:
        from works import receivers  # noqa: F401  (connects the signals)
