"""ASGI entry point, for servers that speak ASGI only (WSGI is faster here)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bzpeer.settings")

application = get_asgi_application()
