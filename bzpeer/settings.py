"""The one settings file. Everything that differs between machines is an environment variable;
`.env.example` lists every one of them.

`manage.py` fills in DATABASE_URL and REDIS_URL with the embedded servers where they are not set (see bzpeer/embedded.py),
so that this file never starts anything.
"""

import contextlib
import os
import secrets
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

# --- Who answers, and how strictly ---------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data")))
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BEHIND_TLS = SITE_URL.startswith("https://")


def local_secret() -> str:
    """The secret of a site that was given none: made once, kept in DATA_DIR, readable by its owner only."""
    if BEHIND_TLS:
        raise ImproperlyConfigured("SECRET_KEY is not set. A public site needs a secret of its own: 50 random characters.")
    path = DATA_DIR / "secret-key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)  # of several processes that start at once, the first one's secret stays
        fresh.unlink()
    return path.read_text()


SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret()

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if BEHIND_TLS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BEHIND_TLS
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    },
}

# --- What it is made of --------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "bzpeer.apps.FrontDoorConfig",
    "profiles.apps.ProfilesConfig",
    "graph.apps.GraphConfig",
    "works.apps.WorksConfig",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "rest_framework",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "bzpeer.apps.StaticFilesConfig",
]

MIDDLEWARE = [
    "bzpeer.middleware.RequestIdMiddleware",
    "bzpeer.middleware.UnavailableMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bzpeer.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "bzpeer.urls"
WSGI_APPLICATION = "bzpeer.wsgi.application"
ASGI_APPLICATION = "bzpeer.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Postgres ------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres:///bzpeer")}
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", default=0)
DATABASES["default"] |= {
    # Web processes share a pool among their threads; workers and commands keep one connection each.
    "CONN_MAX_AGE": 0 if DATABASE_POOL_SIZE else 60,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        **DATABASES["default"].get("OPTIONS", {}),
        # Statements are bound by the server and prepared on their third use: planning a profile costs more than running it.
        "server_side_binding": True,
        "prepare_threshold": 2,
        "connect_timeout": 3,
        # No visitor waits longer for one statement, or for somebody else's lock: the page says so instead. Workers may take their time.
        **({"options": "-c statement_timeout=2000 -c lock_timeout=1000"} if DATABASE_POOL_SIZE else {}),
        "pool": {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 1.0} if DATABASE_POOL_SIZE else False,
    },
    "TEST": {"NAME": env.str("TEST_DATABASE_NAME", default="test_bzpeer")},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: the broker, and the cache in a database of its own -------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHE_URL = env.str("CACHE_URL", default=REDIS_URL)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "bzpeer-cache",
        "OPTIONS": {"socket_connect_timeout": 0.2, "socket_timeout": 0.5},
    }
}

# Publishing a task is a hint, and Postgres holds the truth: it fails fast, and the sweep finds what was missed.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 1.0,
    "socket_keepalive": True,
    "retry_on_timeout": False,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "visibility_timeout": 3600,
    # A killed worker's task comes back within seconds, not after the default of a minute and a half.
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "global_keyprefix": env.str("CELERY_KEY_PREFIX", default="bzpeer:"),
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 330
CELERY_TASK_SOFT_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"works.run_import": {"queue": "imports"}, "works.fetch_abstracts": {"queue": "imports"}}
CELERY_BEAT_SCHEDULE = {
    "graph.sweep": {"task": "graph.sweep", "schedule": 10.0, "options": {"expires": 10}},
    "profiles.sweep": {"task": "profiles.sweep", "schedule": 10.0, "options": {"expires": 10}},
    "works.sweep": {"task": "works.sweep", "schedule": 10.0, "options": {"expires": 10}},
}

# --- People --------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "profiles.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BEHIND_TLS else "http"

vars().update(env.email_url("EMAIL_URL", default=f"filemail:///{DATA_DIR / 'outbox'}"))
if not env.str("EMAIL_URL", default=""):
    EMAIL_FILE_PATH = str(DATA_DIR / "outbox")  # without a mail server, mails land here as files
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", default="BZPEER <bzpeer@localhost>")

# --- The registries ------------------------------------------------------------------------------------------------

# Registries ask every client to say who it is and how to reach it.
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="")
OPENALEX_API_KEY = env.str("OPENALEX_API_KEY", default="")
ARXIV_API_URL = env.str("ARXIV_API_URL", default="https://export.arxiv.org/api/query")
ARXIV_OAI_URL = env.str("ARXIV_OAI_URL", default="https://oaipmh.arxiv.org/oai")
OPENALEX_API_URL = env.str("OPENALEX_API_URL", default="https://api.openalex.org")
REGISTRY_ATTEMPTS = env.int("REGISTRY_ATTEMPTS", default=6)
FETCH_ABSTRACTS = env.bool("FETCH_ABSTRACTS", default=True)

# --- Files, words, time --------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static", ("vendor", BASE_DIR / ".browser")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # nothing asks for the others, and compressing takes long
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(DATA_DIR / "media")))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "bzpeer.telemetry.RequestIdFilter"}, "no_sweeps": {"()": "bzpeer.telemetry.NoSweepsFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)-7s %(name)s [%(request_id)s] %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "celery.app.trace": {"filters": ["no_sweeps"]},
    },
}
