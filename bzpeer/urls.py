"""The address book."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from bzpeer import exports, operations, outbox, search, sitemaps, views

# One door: the admin's own would ask for no second factor and count no attempts.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", search.search, name="search"),
    path("search/suggest/", search.suggest, name="suggest"),
    path("search/feed/", search.search_feed, name="search_feed"),
    path("search/export/", exports.search_export, name="search_export"),
    path("about/", views.about, name="about"),
    path("healthz", operations.healthz, name="healthz"),
    path("readyz", operations.readyz, name="readyz"),
    path("metrics", operations.metrics, name="metrics"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemaps/<slug:name>-<int:number>.xml", sitemaps.part, name="sitemap_part"),
    path("robots.txt", views.robots, name="robots"),
    path("", include("works.urls")),
    path("", include("graph.urls")),
    path("", include("profiles.urls")),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<str:key>/", outbox.mail, name="outbox_mail"),
    path("api/v1/", include("bzpeer.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "bzpeer.views.bad_request"
handler403 = "bzpeer.views.forbidden"
handler404 = "bzpeer.views.not_found"
handler429 = "bzpeer.views.too_many_attempts"  # allauth asks for it
handler500 = "bzpeer.views.server_error"
