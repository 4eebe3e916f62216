"""The record in Django's admin, for staff."""

import pytest

from tests.factories.works import make_work
from works.admin import FirstRows
from works.models import Work, WorkIdentifier

pytestmark = pytest.mark.django_db


def listed(client, query=""):
    page = client.get(f"/admin/works/work/{query}")
    assert page.status_code == 200
    return [work.title for work in page.context["cl"].result_list]


def test_works_are_found_by_public_id_and_by_identifier(admin_client):
    one, other = make_work("One"), make_work("Other")
    WorkIdentifier.objects.create(work=other, scheme="doi", value="10.5555/other")
    assert sorted(listed(admin_client)) == ["One", "Other"]
    assert listed(admin_client, f"?q={one.public_id}") == ["One"]
    assert listed(admin_client, "?q=10.5555/other") == ["Other"]
    assert listed(admin_client, "?q=10.5555/neither") == []


def test_no_more_rows_are_counted_than_anybody_leafs_through():
    class OfThree(FirstRows):
        most = 3

    for number in range(5):
        make_work(f"Work {number}")
    assert (OfThree(Work.objects.order_by("pk"), 2).count, OfThree(Work.objects.filter(title="Work 1").order_by("pk"), 2).count) == (3, 1)
