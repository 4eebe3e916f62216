"""What `manage.py doctor` looks at. Each examination yields findings: what it saw, how bad that is, and what to do about it."""

from bzpeer.management.examinations.findings import Finding, Weight
from bzpeer.management.examinations.pages import look_at_pages
from bzpeer.management.examinations.setup import look_at_mail, look_at_settings, look_at_static_files
from bzpeer.management.examinations.stores import look_at_disk, look_at_postgres, look_at_redis
from bzpeer.management.examinations.work import look_at_audit, look_at_debts, look_at_workers

# In the order in which a person would look: what is said, what it stands on, what is done, what comes out.
EXAMINATIONS = {
    "settings": look_at_settings,
    "static files": look_at_static_files,
    "disk": look_at_disk,
    "postgres": look_at_postgres,
    "redis": look_at_redis,
    "mail": look_at_mail,
    "workers": look_at_workers,
    "work owed": look_at_debts,
    "audit": look_at_audit,
    "pages": look_at_pages,
}

__all__ = ["EXAMINATIONS", "Finding", "Weight"]
