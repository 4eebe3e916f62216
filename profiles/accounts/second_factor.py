"""The second factor: secrets encrypted at rest, passkeys bound to this site's name."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

from profiles.models import User

NAME = "BZPEER"


def cipher() -> MultiFernet:
    """Encrypts with a key made of SECRET_KEY, and reads what the keys in SECRET_KEY_FALLBACKS encrypted."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.blake2b(str(secret).encode(), digest_size=32, person=b"second factor").digest()))
            for secret in secrets
        ]
    )


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This is not the code, or it has been used already.",
    }

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return NAME

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002  (allauth's word)
        """A name that its owner may change: "Passkey 2"."""
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """What passkeys are bound to: a public site's own name; on one machine, the name by which it was asked."""
        name = urlsplit(settings.SITE_URL).hostname if settings.BEHIND_TLS else context.request.get_host().rpartition(":")[0]
        return {"id": name or context.request.get_host(), "name": NAME}
