from django.urls import path

from graph.views import collaborators, edges, explorer, paths, similar, slices

app_name = "graph"

urlpatterns = [
    path("graph/", explorer.explorer, name="explorer"),
    path("researchers/<str:slug>/graph/", slices.slice_page, name="slice"),
    path("researchers/<str:slug>/collaborators/", collaborators.collaborators, name="collaborators"),
    path("researchers/<str:slug>/similar/", similar.similar, name="similar"),
    path("works/<str:slug>/graph/", slices.slice_page, {"kind": "work"}, name="work"),
    path("topics/<str:slug>/graph/", slices.slice_page, {"kind": "topic"}, name="topic"),
    path("institutions/<str:slug>/graph/", slices.slice_page, {"kind": "institution"}, name="institution"),
    path("graph/path/", paths.path, name="path"),
    path("graph/path/people/", paths.people, name="path_people"),
    path("graph/edges/<str:one>/<str:other>/", edges.edge, name="edge"),
]
