"""Who asks: the account whose token the request bears, and what the token may do."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from profiles.actions.tokens import note_use
from profiles.models import User
from profiles.models.token import ApiToken, digest_of

LONGEST = 200  # of anything that could be a token


class BearerTokens(BaseAuthentication):
    """`Authorization: Bearer …`. One query. It says the same of a token that never was, is revoked, or has expired."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        word, _, given = get_authorization_header(request).partition(b" ")
        if word.lower() != b"bearer":
            return None
        if len(given) > LONGEST or not given.isascii():
            raise AuthenticationFailed("The token is not valid, has expired, or was revoked.")
        token = ApiToken.objects.live().select_related("user").filter(digest=digest_of(given.decode().strip())).first()
        if token is None or not token.user.is_active:
            raise AuthenticationFailed("The token is not valid, has expired, or was revoked.")
        note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class TokenScopes(BasePermission):
    """A token does only what its scopes say. A view names in `scopes` what each method needs:

        scopes = {"GET": "imports:read", "POST": "imports:write"}

    Where it names none, any token may read and none may write. Whoever is logged in with a browser is not held to scopes.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        needed = needed_scope(view, request.method or "")
        if needed is None:
            return request.method in SAFE_METHODS
        self.message = f"The token lacks the scope {needed}."
        return needed in request.auth.scopes


def needed_scope(view: Any, method: str) -> str | None:
    """The scope that a view asks of tokens for a method."""
    method = "GET" if method == "HEAD" else method
    return cast("dict[str, str]", getattr(view, "scopes", {})).get(method)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description names tokens."""

    target_class = "profiles.api.authentication.BearerTokens"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token made at /accounts/tokens/."}
