"""An e-mail address that is printed on a work: never shown, and proof for whoever reads mail there."""

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_removed
from django.db import connection

from profiles.actions import claims, evidence
from profiles.models import Evidence
from tests.factories import verified
from tests.factories.claims import tick
from works.models import Affiliation

pytestmark = pytest.mark.django_db

ADDRESS = "Wei.Wang@phys.example.edu"


def bring_in(*, asserted_by="aggregator", name="Wei Wang", line=f"Department of Physics, Lhasa; electronic address: {ADDRESS}."):
    author = {"name": name, "affiliations": [{"raw": line}]}
    verified.bring_in(verified.record("On thin air", ["Ada Other", author], registry="pubmed", asserted_by=asserted_by))
    return verified.person(name)


def claim_by(author, *addresses):
    user = verified.account(author)
    for address in addresses:
        EmailAddress.objects.create(user=user, email=address, verified=True)
    return tick(claims.begin_claim(author, by=user), by=user), user


def refused(claim, user):
    with pytest.raises(claims.ClaimRefused) as failure:
        evidence.prove_by_printed_address(claim, by=user)
    return failure.value.code


def test_an_address_of_the_account_proves_the_work_and_level_2():
    author = bring_in()
    claim, user = claim_by(author, "other@mail.example", "wei.wang@phys.example.edu")
    item = evidence.prove_by_printed_address(claim, by=user)
    assert (item.kind, item.status, item.source, item.value) == ("email-on-work", "proved", "pubmed", "phys.example.edu")
    assert evidence.prove_by_printed_address(claim, by=user).pk == item.pk
    claims.submit_claim(claim, by=user)
    claims.approve_claim(claim, by=verified.staff())
    verified.settle()
    assert verified.figure(author)[2] == 2


def test_it_leaves_with_the_address():
    author = bring_in()
    claim, user = claim_by(author, ADDRESS.lower())
    evidence.prove_by_printed_address(claim, by=user)
    address = EmailAddress.objects.get(user=user, email=ADDRESS.lower())
    email_removed.send(sender=EmailAddress, request=None, user=user, email_address=address)
    item = Evidence.objects.get(kind="email-on-work")
    assert (item.status, item.detail["said"]) == ("revoked", "The address was taken off the account.")


@pytest.mark.parametrize(
    "given",
    [
        {"asserted_by": "typed"},
        {"asserted_by": "converted"},
        {"line": "Department of Physics, Lhasa"},
        {"line": "Lhasa; wei.wang@phys.example.edu.evil.example"},
    ],
)
def test_what_people_typed_or_no_registry_prints_proves_nothing(given):
    author = bring_in(**given)
    assert refused(*claim_by(author, ADDRESS.lower())) == "address-on-no-work"


def test_an_address_that_is_not_verified_proves_nothing():
    author = bring_in()
    claim, user = claim_by(author)
    EmailAddress.objects.create(user=user, email=ADDRESS.lower(), verified=False)
    assert refused(claim, user) == "address-on-no-work"


def test_an_address_at_anothers_name_proves_nothing():
    bring_in()
    assert refused(*claim_by(verified.person("Ada Other"), ADDRESS.lower())) == "address-on-no-work"


def test_one_mailbox_proves_one_account():
    author = bring_in()
    claim, user = claim_by(author, "wei.wang@phys.example.edu")
    evidence.prove_by_printed_address(claim, by=user)
    assert refused(*claim_by(author, "wei.wang+two@phys.example.edu")) == "address-on-no-work"


def test_no_table_holds_the_address():
    author = bring_in()
    assert Affiliation.objects.get(authorship__author=author).raw == "Department of Physics, Lhasa"
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload::text FROM works_registryrecord")
        [[payload]] = cursor.fetchall()
    assert "@" not in payload
    assert '"mailboxes"' in payload


def test_a_page_of_a_work_does_not_show_it(client):
    author = bring_in()
    page = client.get(author.authorships.get().work.get_absolute_url()).content.decode()
    assert "Department of Physics, Lhasa" in page
    assert "phys.example.edu" not in page


def test_a_line_that_is_an_address_alone_lends_it_to_the_line_before():
    author = {"name": "Wei Wang", "affiliations": [{"raw": "Department of Physics, Lhasa"}, {"raw": f"Electronic address: {ADDRESS}"}]}
    verified.bring_in(verified.record("On thin air", [author, "Ada Other"], registry="pubmed", asserted_by="aggregator"))
    person = verified.person("Wei Wang")
    assert list(Affiliation.objects.values_list("raw", flat=True)) == ["Department of Physics, Lhasa"]
    claim, user = claim_by(person, ADDRESS.lower())
    assert evidence.prove_by_printed_address(claim, by=user).status == "proved"


def test_an_affiliation_that_is_an_address_alone_is_none():
    author = bring_in(line=ADDRESS)
    assert not Affiliation.objects.exists()
    assert author.name == "Wei Wang"
