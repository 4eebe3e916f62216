from django.urls import path

from graph import views

app_name = "graph"

urlpatterns = [
    path("researchers/<str:slug>/graph/", views.slice_page, name="slice"),
]
