from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ProfilesConfig(AppConfig):
    name = "profiles"

    def ready(self) -> None:
        from profiles import receivers  # noqa: F401  (connects the signals)
        from profiles.roles import sync_roles

        # admin comes after our own apps, when their permissions stand
        post_migrate.connect(sync_roles, sender=apps.get_app_config("admin"), dispatch_uid="profiles.sync_roles")
