"""Collecting static files only when they have changed: hashing and compressing them all takes longer than the rest of a start."""

import hashlib

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_static_files() -> bool:
    """Run collectstatic into STATIC_ROOT unless it was last run over the same files (names, sizes, times). True if it ran."""
    marker = settings.STATIC_ROOT / ".collected-from"
    current = fingerprint()
    if marker.exists() and marker.read_text() == current:
        return False
    marker.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    marker.write_text(current)
    return True


def fingerprint() -> str:
    """One hash of every static file's name, size and time of change, and of the storage that would hash and compress them."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            digest.update(f"\n{path} {storage.size(path)} {storage.get_modified_time(path).timestamp()}".encode())
    return digest.hexdigest()
