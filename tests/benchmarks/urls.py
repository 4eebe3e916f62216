"""The site's address book and one address more: a view that does nothing, which all others are measured by."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from bzpeer import urls


def hello(request: HttpRequest) -> HttpResponse:
    """What the server, Django and the whole middleware cost before a page does anything."""
    return HttpResponse("hello\n", content_type="text/plain")


urlpatterns = [path("hello/", hello), path("", include("bzpeer.urls"))]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
