"""The addresses of the API. Each view lies in its app's api module; here is the order in which its documentation shows them."""

from __future__ import annotations

from django.urls import path, re_path, register_converter

import graph.api
import profiles.api.account
import profiles.api.authors
import profiles.api.claims
import profiles.api.trust
import works.api.entities
import works.api.imports
import works.api.works
from bzpeer.api import documentation
from works.names import PUBLIC_ID_ALPHABET, PUBLIC_ID_LENGTH

app_name = "api"


class PublicId:
    """Eight letters and digits; whatever else is no address."""

    regex = f"[{PUBLIC_ID_ALPHABET}]{{{PUBLIC_ID_LENGTH}}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PublicId, "public_id")

urlpatterns = [
    path("", documentation.page, name="documentation"),
    path("schema/", documentation.schema, name="schema"),
    path("authors/", profiles.api.authors.AuthorsView.as_view(), name="authors"),
    path("authors/<public_id:public_id>/", profiles.api.authors.AuthorView.as_view(), name="author"),
    path("authors/<public_id:public_id>/trust/", profiles.api.trust.AuthorTrustView.as_view(), name="author_trust"),
    path("authors/<public_id:public_id>/collaborations/", graph.api.CollaborationsView.as_view(), name="author_collaborations"),
    path("authors/<public_id:public_id>/slice/", graph.api.AuthorSliceView.as_view(), name="author_slice"),
    path("authors/<public_id:public_id>/similar/", graph.api.SimilarPeopleView.as_view(), name="author_similar"),
    path("paths/", graph.api.PathsView.as_view(), name="paths"),
    path("works/", works.api.works.WorksView.as_view(), name="works"),
    path("works/<public_id:public_id>/", works.api.works.WorkView.as_view(), name="work"),
    path("works/<public_id:public_id>/slice/", graph.api.WorkSliceView.as_view(), name="work_slice"),
    path("works/<public_id:public_id>/references/", works.api.works.ReferencesView.as_view(), name="work_references"),
    path("works/<public_id:public_id>/citations/", works.api.works.CitationsView.as_view(), name="work_citations"),
    path("authorships/", works.api.works.AuthorshipsView.as_view(), name="authorships"),
    path("topics/", works.api.entities.TopicsView.as_view(), name="topics"),
    path("topics/<public_id:public_id>/", works.api.entities.TopicView.as_view(), name="topic"),
    path("topics/<public_id:public_id>/slice/", graph.api.TopicSliceView.as_view(), name="topic_slice"),
    path("institutions/", works.api.entities.InstitutionsView.as_view(), name="institutions"),
    path("institutions/<public_id:public_id>/", works.api.entities.InstitutionView.as_view(), name="institution"),
    path("institutions/<public_id:public_id>/slice/", graph.api.InstitutionSliceView.as_view(), name="institution_slice"),
    path("sources/", works.api.entities.SourcesView.as_view(), name="sources"),
    path("sources/<public_id:public_id>/", works.api.entities.SourceView.as_view(), name="source"),
    path("me/", profiles.api.account.MeView.as_view(), name="me"),
    path("me/claims/", profiles.api.claims.MyClaimsView.as_view(), name="my_claims"),
    path("import-runs/", works.api.imports.ImportRunsView.as_view(), name="import_runs"),
    path("import-runs/<int:pk>/", works.api.imports.ImportRunView.as_view(), name="import_run"),
    path("import-runs/<int:pk>/rejections/", works.api.imports.RejectionsView.as_view(), name="import_run_rejections"),
    re_path(r"^.*$", documentation.nothing_here),
]
