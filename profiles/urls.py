from django.urls import path

from profiles.views import follows, researcher, trust

app_name = "profiles"

urlpatterns = [
    path("researchers/<str:slug>/", researcher.researcher, name="researcher"),
    path("researchers/<str:slug>/trust/", trust.why, name="trust"),
    path("researchers/<str:slug>/follow/", follows.follow, name="follow"),
    path("researchers/<str:slug>/unfollow/", follows.unfollow, name="unfollow"),
]
