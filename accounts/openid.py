"""The way to the OpenID provider: allauth's, with every ID token checked, and no question but ours."""

from __future__ import annotations

from typing import Any, cast

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import id_token
from accounts.id_token import Claims, NotTrustedError


class Way(OpenIDConnectOAuth2Adapter):  # type: ignore[misc] # allauth has no types
    @property
    def openid_config(self) -> dict[str, Any]:
        config = cast("dict[str, Any]", super().openid_config)
        if str(config.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER:
            raise OAuth2Error("The provider calls itself otherwise than OIDC_ISSUER does.")
        return config

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return request.build_absolute_uri(reverse("account:provider-callback"))

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """What the provider says travels with the login; of it, the database keeps the number of the person alone."""
        try:
            claims = self._claims(app, kwargs["response"])
        except NotTrustedError as error:
            raise OAuth2Error(str(error)) from error
        login = self.get_provider().sociallogin_from_response(request, {"id_token": {"sub": claims["sub"]}})
        login.account.extra_data = {}
        login.claims = claims
        return login

    def _claims(self, app: Any, response: dict[str, Any]) -> Claims:
        config = self.openid_config
        said = id_token.read(
            str(response.get("id_token", "")),
            keys=self._get(config["jwks_uri"]),
            issuer=config["issuer"],
            client=app.client_id,
        )
        if "userinfo_endpoint" not in config:
            return said
        bearer = {"Authorization": f"Bearer {response['access_token']}"}
        return id_token.together(said, self._get(config["userinfo_endpoint"], headers=bearer))

    def _get(self, url: str, **options: Any) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            answer = session.get(url, **options)
            answer.raise_for_status()
            found = answer.json()
        if not isinstance(found, dict):
            raise NotTrustedError("The provider's answer makes no sense.")
        return found


def go_there(
    request: HttpRequest, *, process: str, next_url: str, kept: dict[str, Any], ask: dict[str, str]
) -> HttpResponse:
    """To the provider and back, with a nonce that its token must carry. Nothing in the address says what is asked."""
    provider = get_adapter().get_provider(request, settings.OIDC_ISSUER)
    provider.oauth2_adapter_class = Way
    answer = provider.redirect(
        request, process=process, next_url=next_url, data=kept, auth_params={**ask, "nonce": kept["nonce"]}
    )
    return cast("HttpResponse", answer)
