"""The address book."""

from django.contrib import admin
from django.urls import include, path

from bzpeer import views

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("about/", views.about, name="about"),
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("", include("works.urls")),
    path("", include("graph.urls")),
    path("", include("profiles.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "bzpeer.views.bad_request"
handler403 = "bzpeer.views.forbidden"
handler404 = "bzpeer.views.not_found"
handler500 = "bzpeer.views.server_error"
