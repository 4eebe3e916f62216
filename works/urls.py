from django.urls import path, re_path

from works.views import citations, corrections, curation, exports, imports, pictures, sources, subjects, works

app_name = "works"

urlpatterns = [
    path("topics/<str:slug>/", subjects.topic, name="topic"),
    path("institutions/<str:slug>/", subjects.institution, name="institution"),
    path("topics/<str:slug>/feed/", subjects.topic_feed, name="topic_feed"),
    path("institutions/<str:slug>/feed/", subjects.institution_feed, name="institution_feed"),
    path("sources/", sources.sources, name="sources"),
    path("sources/<str:slug>/", subjects.source, name="source"),
    re_path(r"^(?P<kind>topic|institution|source)s/(?P<slug>[^/]+)/people/$", subjects.people, name="subject_people"),
    path("works/export/", exports.export_works, name="export_works"),
    path("works/<str:public_id>/", works.work, name="work"),
    path("works/<str:public_id>/cite/", exports.cite_work, name="cite_work"),
    path("works/<str:public_id>/export/", exports.export_work, name="export_work"),
    path("works/<str:public_id>/picture.png", pictures.work_picture, name="work_picture"),
    path("works/<str:public_id>/citations/", citations.citations, name="citations"),
    path("works/<str:public_id>/references/", citations.references, name="references"),
    path("works/<str:public_id>/split/", curation.split_work_page, name="split_work"),
    path("authorships/<int:pk>/correct/", corrections.correct, name="correct"),
    path("merges/", curation.proposals, name="merge_proposals"),
    path("merges/new/", curation.merge_new, name="merge_new"),
    path("merges/journal/", curation.journal, name="merge_journal"),
    path("merges/journal/<int:pk>/", curation.merge, name="merge"),
    re_path(r"^merges/proposals/(?P<pk>\d{1,18})/(?P<verb>accept|decline)/$", curation.decide_proposal, name="decide_proposal"),
    path("merges/authors/<str:public_id>/split/", curation.split_author_page, name="split_author"),
    path("corrections/", corrections.corrections, name="corrections"),
    re_path(r"^corrections/(?P<pk>\d{1,18})/(?P<verb>accept|dismiss)/$", corrections.answer_correction, name="answer_correction"),
    path("imports/", imports.import_runs, name="import_runs"),
    path("imports/<int:run_id>/", imports.import_run, name="import_run"),
]
