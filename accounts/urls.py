from django.urls import path

from accounts.views import doors, preferences

app_name = "account"

urlpatterns = [
    path("login/", doors.sign_in, name="login"),
    path("login/second-step/", doors.second_step, name="second-step"),
    path("login/passkey/", doors.sign_in_by_passkey, name="passkey-login"),
    path("login/passkey/options/", doors.passkey_options, name="passkey-options"),
    path("logout/", doors.sign_out, name="logout"),
    path("typed/<str:key>/", preferences.kept, name="typed"),
    path("preferences/", preferences.preferences, name="preferences"),
]
