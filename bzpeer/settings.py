"""The one settings file. Everything that differs between machines is an environment variable;
`.env.example` lists every one of them.

`manage.py` fills in DATABASE_URL and REDIS_URL with the embedded servers where they are not set (see bzpeer/embedded.py),
so that this file never starts anything.
"""

import contextlib
import os
import secrets
from math import ceil
from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
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
SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"

# Where people with an ORCID iD log in; without a client id nothing of it is shown.
ORCID_CLIENT_ID = env.str("ORCID_CLIENT_ID", default="")
ORCID_CLIENT_SECRET = env.str("ORCID_CLIENT_SECRET", default="")
ORCID_URL = env.str("ORCID_URL", default="https://orcid.org").rstrip("/")
ORCID_API_URL = env.str("ORCID_API_URL", default=ORCID_URL.replace("://", "://pub.", 1)).rstrip("/")


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

# Keys the hashes by which imports know people who objected to a page. It must stay the same when SECRET_KEY changes.
SUPPRESSION_SECRET = env.str("SUPPRESSION_SECRET", default="") or SECRET_KEY

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
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
        # Browsers follow a form's redirects by this rule too: the button "Log in with ORCID" is one.
        "form-action": [SELF, *([ORCID_URL] if ORCID_CLIENT_ID else [])],
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
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "profiles.orcid",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
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
    "bzpeer.middleware.OwnResourcesMiddleware",
    "bzpeer.metrics.MeasuringMiddleware",
    "bzpeer.middleware.UnavailableMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "bzpeer.middleware.ApiAnswersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bzpeer.middleware.PrivatePagesMiddleware",
    "bzpeer.middleware.CostlyPagesMiddleware",
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
                "bzpeer.outbox.with_outbox",
            ],
        },
    }
]

# How many times longer than usual the site waits for Postgres, for Redis and for a page that proves a link: more than 1 on a machine
# so slow or so busy that it would otherwise often say that it is.
PATIENCE = env.float("PATIENCE", default=1.0)

# --- Postgres ------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres:///bzpeer")}
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", default=0)
# No visitor waits longer for one statement, or for somebody else's lock: the page says so instead. Workers may take their time.
LIMITS = f"-c statement_timeout={ceil(2000 * PATIENCE)} -c lock_timeout={ceil(1000 * PATIENCE)}"
DATABASES["default"] |= {
    # Web processes share a pool among their threads; workers and commands keep one connection each.
    "CONN_MAX_AGE": 0 if DATABASE_POOL_SIZE else 60,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        **DATABASES["default"].get("OPTIONS", {}),
        # Statements are bound by the server and prepared on their third use: planning a profile costs more than running it.
        "server_side_binding": True,
        "prepare_threshold": 2,
        "connect_timeout": ceil(3 * PATIENCE),
        **({"options": LIMITS} if DATABASE_POOL_SIZE else {}),
        "pool": {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 1.0 * PATIENCE} if DATABASE_POOL_SIZE else False,
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
        # What it gives is worth no long wait: it answers at once or is left alone for a while (works.breaker).
        "OPTIONS": {"socket_connect_timeout": 0.15 * PATIENCE, "socket_timeout": 0.15 * PATIENCE},
    }
}

# Publishing a task is a hint, and Postgres holds the truth: it fails fast, and the sweep finds what was missed.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A visitor waits for a hint no longer than for the cache; workers, who take their messages by it, may wait longer.
    "socket_connect_timeout": PATIENCE * (0.15 if DATABASE_POOL_SIZE else 0.5),
    "socket_timeout": PATIENCE * (0.15 if DATABASE_POOL_SIZE else 1.0),
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
    "profiles.look_at_graph": {"task": "profiles.look_at_graph", "schedule": crontab(day_of_week=0, hour=3, minute=0)},
    "profiles.send_digests": {"task": "profiles.send_digests", "schedule": 60.0, "options": {"expires": 60}},
    "profiles.nightly": {"task": "profiles.nightly", "schedule": crontab(hour=0, minute=5)},
    "graph.forget_arrangements": {"task": "graph.forget_arrangements", "schedule": crontab(hour=0, minute=25)},
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
ACCOUNT_ADAPTER = "profiles.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "profiles.accounts.signup.SignupForm"}
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up, and in no other
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_MAX_EMAIL_ADDRESSES = 8
ACCOUNT_SESSION_REMEMBER = True
# Refused before a password is hashed. Without the cache nobody logs in: see docs/operations.md.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "100/5m/ip,10/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/15m/key",
    "reset_password_from_key": "20/m/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
MFA_ADAPTER = "profiles.accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # log-in asks for a confirmed one in any case
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BEHIND_TLS
SOCIALACCOUNT_ADAPTER = "profiles.accounts.connections.ConnectionsAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BEHIND_TLS else "http"

vars().update(env.email_url("EMAIL_URL", default=f"filemail:///{DATA_DIR / 'outbox'}"))
if not env.str("EMAIL_URL", default=""):
    EMAIL_FILE_PATH = str(DATA_DIR / "outbox")  # without a mail server, mails land here as files
EMAIL_TIMEOUT = 10  # seconds: a mail server that is silent holds up neither a page nor a worker
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", default=f"BZPEER <bzpeer@{SITE_HOST}>")
# To where mail servers send back what they could not deliver; and what opens the door for their reports at /mail/reports/.
MAIL_BOUNCES_TO = env.str("MAIL_BOUNCES_TO", default="")
MAIL_REPORTS_TOKEN = env.str("MAIL_REPORTS_TOKEN", default="")

# --- Search --------------------------------------------------------------------------------------------------------

SEARCHES_A_MINUTE = env.int("SEARCHES_A_MINUTE", default=60)
SUGGESTIONS_A_MINUTE = env.int("SUGGESTIONS_A_MINUTE", default=300)

# --- The API -------------------------------------------------------------------------------------------------------

API_VISITORS_A_MINUTE = env.int("API_VISITORS_A_MINUTE", default=60)
API_ACCOUNTS_A_MINUTE = env.int("API_ACCOUNTS_A_MINUTE", default=600)
API_PARTNERS_A_MINUTE = env.int("API_PARTNERS_A_MINUTE", default=6_000)
PICTURES_A_MINUTE = env.int("PICTURES_A_MINUTE", default=60)  # of shared links, of each kind, to one address without an account
COSTLY_PAGES_A_MINUTE = env.int("COSTLY_PAGES_A_MINUTE", default=30)  # of one address without an account: paths between people
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["profiles.api.authentication.BearerTokens", "rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticatedOrReadOnly",
        "profiles.api.authentication.TokenScopes",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["bzpeer.api.limits.ByMinute"],
    "DEFAULT_PAGINATION_CLASS": "bzpeer.api.paging.Cursors",
    "DEFAULT_SCHEMA_CLASS": "bzpeer.api.description.Describing",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["bzpeer.api.bodies.BoundedJson"],
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "bzpeer.problems.answer",
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
    "UNICODE_JSON": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "BZPEER",
    "DESCRIPTION": "Researcher profiles that anyone can check: the record, the graph and trust as JSON.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "bzpeer.api.description.with_problems"],
    "ENUM_NAME_OVERRIDES": {
        "ImportRunStatus": "works.models.import_run.ImportRun.Status",
        "SourceKind": "works.models.source.Source.Kind",
        "NoticeKind": "works.models.notice.Notice.Kind",
        "EvidenceKind": "profiles.models.evidence.Evidence.Kind",
        "NodeKind": "graph.serializers.NODE_KINDS",
        "EdgeKind": "graph.serializers.EDGE_KINDS",
    },
}

# --- The registries ------------------------------------------------------------------------------------------------

# Registries ask every client to say who it is and how to reach it.
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="")
OPENALEX_API_KEY = env.str("OPENALEX_API_KEY", default="")
ARXIV_API_URL = env.str("ARXIV_API_URL", default="https://export.arxiv.org/api/query")
ARXIV_OAI_URL = env.str("ARXIV_OAI_URL", default="https://oaipmh.arxiv.org/oai")
OPENALEX_API_URL = env.str("OPENALEX_API_URL", default="https://api.openalex.org")
CROSSREF_API_URL = env.str("CROSSREF_API_URL", default="https://api.crossref.org")
OPENREVIEW_API_URL = env.str("OPENREVIEW_API_URL", default="https://api2.openreview.net")
ROR_API_URL = env.str("ROR_API_URL", default="https://api.ror.org/v2")
DBLP_API_URL = env.str("DBLP_API_URL", default="https://dblp.org")
ACL_ANTHOLOGY_URL = env.str("ACL_ANTHOLOGY_URL", default="https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml")
PUBMED_API_URL = env.str("PUBMED_API_URL", default="https://eutils.ncbi.nlm.nih.gov/entrez/eutils")
PUBMED_API_KEY = env.str("PUBMED_API_KEY", default="")
REGISTRY_ATTEMPTS = env.int("REGISTRY_ATTEMPTS", default=6)
# For trials on one machine: hosts of link proofs that are fetched by plain HTTP from a given place ("wei.example=127.0.0.1:8123,…").
LINK_PROOF_HOSTS = env.dict("LINK_PROOF_HOSTS", default={})
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

# --- What operators see --------------------------------------------------------------------------------------------

# Opens /metrics; and the folder in which the processes of this machine add up what they count.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_DIR = env.str("PROMETHEUS_MULTIPROC_DIR", default="")
if not METRICS_DIR:
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)  # the library takes an empty name for the working directory

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "bzpeer.telemetry.RequestIdFilter"}, "no_sweeps": {"()": "bzpeer.telemetry.NoSweepsFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)-7s %(name)s [%(request_id)s] %(message)s"},
        "json": {"()": "bzpeer.telemetry.JsonFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": env.str("LOG_FORMAT", default="line"), "filters": ["request_id"]}
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        **{name: {"level": "WARNING"} for name in ("httpx", "celery.worker.strategy", "celery.beat")},
        "celery.app.trace": {"filters": ["no_sweeps"]},
    },
}
