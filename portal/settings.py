"""Every setting of the portal. Each one that an operator may set is in .env.example and docs/settings.md."""

from __future__ import annotations

from datetime import timedelta

from csp.constants import NONE, SELF

from portal import environment

env = environment.read()
BASE_DIR = environment.BASE_DIR
# As pyproject.toml says.
VERSION = "0.1.0"

# --- The site -------------------------------------------------------------------------------------------------------

SECRET_KEY = environment.secret(env, "SECRET_KEY", how="Any long random text, e.g. from `openssl rand -base64 48`.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = environment.hosts(env)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS_ONLY = env.bool("HTTPS_ONLY", default=True)
TRUST_PROXY_HEADERS = env.bool("TRUST_PROXY_HEADERS", default=False)

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
APPEND_SLASH = True
# A refused deed is rolled back and then recorded: the second transaction must not be part of the first (docs/adr/0003).
ATOMIC_REQUESTS = False

INSTALLED_APPS = [
    "mitigations",
    "accounts",
    "audit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "csp",
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "portal.middleware.RequestIdMiddleware",
    # What protects an answer stands outside of all that may answer: files, redirects to https, refused hosts.
    "portal.middleware.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.SizeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.CompressionMiddleware",
    "portal.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionMiddleware",
    "accounts.middleware.SignInMiddleware",
    "accounts.middleware.ActorMiddleware",
    "portal.middleware.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "accounts.middleware.TypedMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.RefusalMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["portal.ui.tags", "portal.ui.filling"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mitigations.views.context.navigation",
            ],
        },
    }
]

# --- Data -----------------------------------------------------------------------------------------------------------

DATABASES = {"default": environment.database(env)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# What several processes count together: tries to sign in, and codes that were used. A migration makes the table.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "breakwater_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- People and sessions --------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "account:login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "account:login"
PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}" for name in ("Argon2PasswordHasher", "PBKDF2PasswordHasher")]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_LONGEST = timedelta(hours=env.float("SESSION_HOURS", default=12.0))
SESSION_IDLE = timedelta(minutes=env.float("SESSION_IDLE_MINUTES", default=240.0))
PROOF_MAX_AGE = timedelta(minutes=env.float("PROOF_MAX_AGE_MINUTES", default=15.0))
SESSION_COOKIE_AGE = int(SESSION_LONGEST.total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
# So prefixed, a browser takes them over https and for this host alone: no neighbour under the same domain sets them.
_PREFIX = "__Host-" if HTTPS_ONLY else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_PREFIX}sessionid", f"{_PREFIX}csrftoken"
# Not in a cookie of their own: what was done stays with the session.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"

# --- Signing in -----------------------------------------------------------------------------------------------------
# django-allauth is what signs in, asks for the second factor, and speaks with the provider; the pages are our own.

LOCAL_SIGN_IN = env.bool("LOCAL_SIGN_IN", default=True)
EMERGENCY_ACCOUNTS = env.list("EMERGENCY_ACCOUNTS", default=[])
TRIES_PER_ACCOUNT = env.int("TRIES_PER_ACCOUNT", default=10)
TRIES_PER_ADDRESS = env.int("TRIES_PER_ADDRESS", default=30)
TRIES_WITHIN = timedelta(minutes=env.float("TRIES_WITHIN_MINUTES", default=15.0))

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_SIGNUP_ENABLED = False
ACCOUNT_EMAIL_VERIFICATION = "none"
# Ours count by places that are known (docs/adr/0024), so that nobody locks out somebody else.
ACCOUNT_RATE_LIMITS = False

FACTOR_KEYS = environment.factor_keys(env)
SECOND_FACTOR_ROLES = environment.roles(env)
MFA_ADAPTER = "accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODE_COUNT = 10
MFA_TOTP_ISSUER = "Breakwater"
# Half a minute before and after: phones are seldom exact.
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Our own pages ask for a fresh proof before anything of this is changed.
MFA_REAUTHENTICATION_REQUIRED = False

OIDC_ISSUER = environment.issuer(env)
OIDC_NAME = env.str("OIDC_NAME", default="single sign-on")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_SCOPES = env.list("OIDC_SCOPES", default=["openid", "profile", "email"])
OIDC_GROUPS = environment.groups(env)
OIDC_GROUPS_CLAIM = env.str("OIDC_GROUPS_CLAIM", default="groups")
OIDC_ASK = env.str("OIDC_ASK", default="an administrator of this portal")
SOCIALACCOUNT_ADAPTER = "accounts.adapters.ProviderAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": OIDC_ISSUER,
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER, "oauth_pkce_enabled": True, "scope": OIDC_SCOPES},
            }
        ]
        if OIDC_ISSUER
        else []
    }
}

# --- Headers --------------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS_ONLY
# A program that is led to https would send its token in the clear again and again: the API refuses instead.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^api/v1/"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY_HEADERS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Words and times ------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = environment.time_zone(env)

# --- Files ----------------------------------------------------------------------------------------------------------

# Nothing that is sent in needs more, a file of 2 MB with its form included; and so no file touches the disk.
LARGEST_REQUEST = FILE_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Kentik ---------------------------------------------------------------------------------------------------------
# The credentials are the worker's alone: a web process runs without them, and only `manage.py worker` asks for them.

KENTIK_REGION = env.str("KENTIK_REGION", default="us")
KENTIK_BASE_URL = env.str("KENTIK_BASE_URL", default="")
KENTIK_API_EMAIL = env.str("KENTIK_API_EMAIL", default="")
KENTIK_API_TOKEN = env.str("KENTIK_API_TOKEN", default="")
# A worker reads these again while it runs: whoever changes the token writes another file, and restarts nothing.
KENTIK_API_EMAIL_FILE = env.str("KENTIK_API_EMAIL_FILE", default="")
KENTIK_API_TOKEN_FILE = env.str("KENTIK_API_TOKEN_FILE", default="")
KENTIK_V6 = env.bool("KENTIK_V6", default=False)
KENTIK_V6_BASE_URL = env.str("KENTIK_V6_BASE_URL", default="")
KENTIK_V6_CALL_SECONDS = env.float("KENTIK_V6_CALL_SECONDS", default=15.0)
KENTIK_SPELLING = env.str("KENTIK_SPELLING", default="documented")
KENTIK_CONNECT_SECONDS = env.float("KENTIK_CONNECT_SECONDS", default=5.0)
KENTIK_READ_SECONDS = env.float("KENTIK_READ_SECONDS", default=30.0)
KENTIK_CALL_SECONDS = env.float("KENTIK_CALL_SECONDS", default=45.0)
KENTIK_CALLS_SOFT_PER_MINUTE = env.int("KENTIK_CALLS_SOFT_PER_MINUTE", default=20)
KENTIK_CALLS_HARD_PER_MINUTE = env.int("KENTIK_CALLS_HARD_PER_MINUTE", default=60)
KENTIK_CALLS_PER_HOUR = env.int("KENTIK_CALLS_PER_HOUR", default=3750)
KENTIK_CALLS_RESERVED = env.int("KENTIK_CALLS_RESERVED", default=5)
WORKER_LEASE_SECONDS = env.float("WORKER_LEASE_SECONDS", default=90.0)

# --- Telling people -------------------------------------------------------------------------------------------------

PORTAL_URL = environment.portal_url(env)
MAIL = environment.mail(env)
MAIL_IS_ON = bool(MAIL)
EMAIL_BACKEND = MAIL.get("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
EMAIL_HOST = MAIL.get("EMAIL_HOST") or "localhost"
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.get("EMAIL_USE_TLS", False), MAIL.get("EMAIL_USE_SSL", False)
EMAIL_PORT = MAIL.get("EMAIL_PORT") or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.get("EMAIL_HOST_USER") or "", MAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_FILE_PATH = MAIL.get("EMAIL_FILE_PATH") or None
EMAIL_TIMEOUT = 8
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="breakwater@localhost")
TELLING_CALL_SECONDS = env.float("TELLING_CALL_SECONDS", default=20.0)
TELLING_LEASE_SECONDS = env.float("TELLING_LEASE_SECONDS", default=60.0)
OUTGOING_NETWORKS = environment.networks(env)

# --- The audit ------------------------------------------------------------------------------------------------------

AUDIT_SIGNING_KEY = env.str("AUDIT_SIGNING_KEY", default="")
AUDIT_CHECKPOINT_MAIL = env.list("AUDIT_CHECKPOINT_MAIL", default=[])
AUDIT_CHECKPOINT_WEBHOOK = env.str("AUDIT_CHECKPOINT_WEBHOOK", default="")
AUDIT_VERIFIER_KEYS = env.list("AUDIT_VERIFIER_KEYS", default=[])

# --- Streaming the audit log out ------------------------------------------------------------------------------------

AUDIT_STREAM_LOG = env.bool("AUDIT_STREAM_LOG", default=False)
AUDIT_STREAM_SYSLOG = env.str("AUDIT_STREAM_SYSLOG", default="")
AUDIT_STREAM_WEBHOOK = env.str("AUDIT_STREAM_WEBHOOK", default="")
AUDIT_STREAM_WEBHOOK_SECRET = env.str("AUDIT_STREAM_WEBHOOK_SECRET", default="")
AUDIT_STREAM_FILE = env.str("AUDIT_STREAM_FILE", default="")

# --- The API --------------------------------------------------------------------------------------------------------

API_TOKEN_DAYS = env.int("API_TOKEN_DAYS", default=365)
API_CALLS_PER_MINUTE = env.int("API_CALLS_PER_MINUTE", default=120)
API_WAITING_CALLS = env.int("API_WAITING_CALLS", default=2)

# --- Logs -----------------------------------------------------------------------------------------------------------

LOG_FORMAT = env.str("LOG_FORMAT", default="json")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "portal.logging.JsonFormatter"},
        "plain": {"()": "portal.logging.PlainFormatter"},
        "bare": {"format": "%(message)s"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
        "stdout": {"class": "portal.logging.LineHandler", "formatter": "bare", "stream": "ext://sys.stdout"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # Django's own handlers would print each line a second time, and mail exceptions with their settings to ADMINS.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # The audit log itself, when AUDIT_STREAM_LOG is on: nothing else may stand between its lines.
        "breakwater.audit": {"handlers": ["stdout"], "propagate": False, "level": "INFO"},
        # Addresses of channels hold tokens: Apprise logs them, and the others do below INFO.
        "apprise": {"handlers": ["nowhere"], "propagate": False, "level": "CRITICAL"},
        **{name: {"level": "INFO"} for name in ("urllib3", "requests_oauthlib", "oauthlib")},
    },
}
