from django.urls import path

from accounts.views import SignIn, SignOut, kept, preferences

app_name = "account"

urlpatterns = [
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", SignOut.as_view(), name="logout"),
    path("typed/<str:key>/", kept, name="typed"),
    path("preferences/", preferences, name="preferences"),
]
