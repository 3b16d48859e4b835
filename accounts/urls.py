from django.urls import path

from accounts import token_views
from accounts.joining import Join
from accounts.views import account, doors, factors, preferences, proofs, provider

app_name = "account"

urlpatterns = [
    path("login/", doors.sign_in, name="login"),
    path("login/second-step/", doors.second_step, name="second-step"),
    path("login/passkey/", doors.sign_in_by_passkey, name="passkey-login"),
    path("login/passkey/options/", doors.passkey_options, name="passkey-options"),
    path("logout/", doors.sign_out, name="logout"),
    path("invitation/<str:uidb64>/<str:token>/", Join.as_view(), name="join"),
    path("", account.account, name="account"),
    path("sessions/end/", account.end_sessions, name="end-sessions"),
    path("password/", account.password, name="password"),
    path("second-factor/", factors.second_factor, name="factors"),
    path("second-factor/app/", factors.add_app, name="add-app"),
    path("second-factor/passkey/", factors.add_passkey, name="add-passkey"),
    path("second-factor/<int:id>/remove/", factors.remove, name="remove-factor"),
    path("second-factor/codes/", factors.make_codes, name="make-codes"),
    path("proof/", proofs.proof, name="proof"),
    path("oidc/", provider.start, name="provider"),
    path("oidc/callback/", provider.callback, name="provider-callback"),
    path("oidc/proof/", provider.prove, name="provider-proof"),
    path("typed/<str:key>/", preferences.kept, name="typed"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("tokens/", token_views.index, name="tokens"),
    path("tokens/new/", token_views.new, name="token-new"),
    path("tokens/<int:id>/revoke/", token_views.revoke, name="token-revoke"),
]
