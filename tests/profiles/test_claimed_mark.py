"""The mark on an author record that a person answers for it."""

import pytest
from django.utils import timezone

from profiles.models import Profile
from tests.factories.people import make_user
from tests.factories.works import make_author

pytestmark = pytest.mark.django_db


def test_a_record_is_claimed_as_long_as_it_has_a_profile():
    one, other = make_author("Ada Lovelace"), make_author("Mary Somerville")

    def claimed() -> list[bool]:
        one.refresh_from_db()
        other.refresh_from_db()
        return [one.is_claimed, other.is_claimed]

    assert claimed() == [False, False]
    profile = Profile.objects.create(user=make_user(), author=one, claimed_at=timezone.now())
    assert claimed() == [True, False]
    profile.author = other
    profile.save()
    assert claimed() == [False, True]
    profile.delete()
    assert claimed() == [False, False]
