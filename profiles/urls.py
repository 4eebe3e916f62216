from django.urls import path

from profiles.views import researcher

app_name = "profiles"

urlpatterns = [
    path("researchers/<str:slug>/", researcher.researcher, name="researcher"),
]
