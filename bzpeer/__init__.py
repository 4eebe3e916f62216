"""The front door: settings, urls, home and search, the API router, the Celery app, the embedded services."""

from bzpeer.celery import app as celery_app

__all__ = ["celery_app"]
