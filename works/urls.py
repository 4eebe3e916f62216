from django.urls import path

from works.views import imports, works

app_name = "works"

urlpatterns = [
    path("works/<str:public_id>/", works.work, name="work"),
    path("imports/", imports.import_runs, name="import_runs"),
    path("imports/<int:run_id>/", imports.import_run, name="import_run"),
]
