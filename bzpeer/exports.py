"""What a search finds, as a file."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from bzpeer.limits import searches_a_minute
from bzpeer.wanted import find_listed, wanted
from works.forms import SearchForm
from works.views.exports import export_response, format_of


@require_safe
@searches_a_minute
def search_export(request: HttpRequest) -> HttpResponseBase:
    """The works that a search finds, narrowed and ordered as its page shows them: as many as can be paged through, which is said where
    there may be more.

    As many queries as the search takes, and those of the export.
    """
    chosen = format_of(request.GET)
    form = SearchForm(request.GET)
    form.is_valid()
    asked = wanted(form, words=form.words())
    if asked.unknown:
        raise Http404(f"There is no such {asked.unknown[0]} in the record.")
    if not asked.words and not asked.works.shelf:
        raise Http404("There is nothing to look for: say what, as ?q=…")
    found = find_listed(asked)
    about = f"Works found for “{asked.words}”" if asked.words else f"Works: {next(iter(asked.named.values()))}"
    note = f"{about} in the record of BZPEER{f': the first {len(found.ids):,}' if found.is_capped else ''}."
    response = export_response(request, found.ids, chosen, name="bzpeer-search", note=note)
    response["X-Result-Count"] = str(len(found.ids))
    response["X-Result-Is-Capped"] = "true" if found.is_capped else "false"
    return response
