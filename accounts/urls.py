from django.urls import path

from accounts.joining import Join
from accounts.views import SignIn, SignOut, kept, preferences

app_name = "account"

urlpatterns = [
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", SignOut.as_view(), name="logout"),
    path("invitation/<str:uidb64>/<str:token>/", Join.as_view(), name="join"),
    path("typed/<str:key>/", kept, name="typed"),
    path("preferences/", preferences, name="preferences"),
]
