"""The few pages that allauth leads to by names of its own. They are ours, at our addresses; it brings none."""

from django.urls import path

from accounts.views import doors

urlpatterns = [
    path("login/", doors.sign_in, name="account_login"),
    path("login/second-step/", doors.second_step, name="mfa_authenticate"),
]
