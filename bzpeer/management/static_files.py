"""Collecting static files only when they have changed: hashing and compressing them all takes longer than the rest of a start."""

import hashlib
from typing import cast

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from bzpeer.embedded.locks import locked


def collect_static_files() -> bool:
    """Run collectstatic into STATIC_ROOT unless it was last run over the same files (names, sizes, times). True if it ran.

    Old files stay: a site that is still running may have named them in a page.
    """
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    marker = settings.STATIC_ROOT.with_name(f"{settings.STATIC_ROOT.name}-collected-from")
    with locked(marker.with_name(f"{marker.name}.lock")):
        current = fingerprint()
        if marker.exists() and marker.read_text() == current:
            return False
        marker.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        marker.write_text(current)
    return True


def fingerprint() -> str:
    """One hash of every static file's name, size and time of change, and of the storage that would hash and compress them."""
    digest = hashlib.sha256(f"{settings.STATIC_ROOT} {settings.STORAGES['staticfiles']}".encode())
    config = cast("StaticFilesConfig", apps.get_app_config("staticfiles"))
    for finder in get_finders():
        for path, storage in finder.list(config.ignore_patterns):
            digest.update(f"\n{path} {storage.size(path)} {storage.get_modified_time(path).timestamp()}".encode())
    return digest.hexdigest()
