"""Two people do two things to one invitation at the same moment, in real transactions."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from profiles.actions import contact
from profiles.actions.contact import ContactRefused
from profiles.models import Block, Conversation, Invitation, Message
from tests.factories.claims import make_person
from tests.factories.contact import claim_page, make_conversation, make_invitation, make_researcher
from tests.factories.works import make_author
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = int(os.environ.get("BZPEER_ROUNDS", "5"))


def at_once(*jobs):
    """Run the jobs in threads with a connection each, released by one barrier; their results, "refused" among them."""
    barrier = Barrier(len(jobs))

    def run(job):
        try:
            connection.ensure_connection()
            barrier.wait(PATIENCE)
            return job()
        except ContactRefused:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_accepted_twice_is_one_conversation():
    ada = make_researcher("Ada Open")
    for place in range(ROUNDS):
        invitation = make_invitation(make_person(f"reader{place}"), ada.author)
        said = at_once(*[lambda invitation=invitation: contact.accept(invitation, by=ada.user).pk for _ in range(3)])
        assert said.count("refused") == 2
        assert Conversation.objects.filter(invitation=invitation).count() == 1
        assert Message.objects.filter(conversation__invitation=invitation).count() == 1


def test_taken_back_while_accepted_ends_in_one_of_the_two():
    ada = make_researcher("Ada Open")
    for place in range(ROUNDS):
        reader = make_person(f"reader{place}")
        invitation = make_invitation(reader, ada.author)
        said = at_once(
            lambda invitation=invitation: bool(contact.accept(invitation, by=ada.user)),
            lambda invitation=invitation, reader=reader: bool(contact.revoke(invitation, by=reader)),
        )
        invitation.refresh_from_db()
        assert said.count("refused") == 1
        assert invitation.status == ("accepted" if said[0] is True else "revoked")
        assert Conversation.objects.filter(invitation=invitation).exists() == (said[0] is True)


def test_released_while_taken_back_is_never_both():
    for place in range(ROUNDS):
        reader, author = make_person(f"reader{place}"), make_author(f"Author {place}", works_count=1)
        invitation = make_invitation(reader, author)
        wei = claim_page(author, make_person(f"wei{place}"))
        released, revoked, again = at_once(
            contact.release_held,
            lambda invitation=invitation, reader=reader: contact.revoke(invitation, by=reader).status,
            contact.release_held,
        )
        invitation.refresh_from_db()
        assert (revoked, invitation.status) == ("revoked", "revoked")  # it can be taken back before and after delivery
        assert released + again <= 1
        with pytest.raises(ContactRefused):
            contact.accept(invitation, by=wei.user)


def test_sending_twice_at_once_is_one_invitation_and_no_race_gets_round_the_quota():
    reader, ada = make_person("reader"), make_researcher("Ada Open")
    said = at_once(*[lambda: make_invitation(reader, ada.author).pk for _ in range(4)])
    assert said.count("refused") == 3
    authors = [make_author(f"Author {place}", works_count=1) for place in range(4)]
    said = at_once(*[lambda author=author: make_invitation(reader, author).pk for author in authors])
    assert said.count("refused") == 3
    assert Invitation.objects.count() == 2


def test_a_block_at_the_moment_of_an_acceptance_a_message_or_an_invitation_leaves_nothing_open():
    for place in range(ROUNDS):
        reader, ada = make_person(f"reader{place}"), make_researcher(f"Ada Open {'abcdefghijklmnop'[place % 16]}{place}")
        invitation = make_invitation(reader, ada.author)
        at_once(
            lambda invitation=invitation, ada=ada: bool(contact.accept(invitation, by=ada.user)),
            lambda reader=reader, ada=ada: contact.block(ada.user, by=reader),
        )
        assert Block.objects.filter(user=reader).count() == 1
        assert not Invitation.objects.live().filter(pk=invitation.pk).exists()
        assert not Conversation.objects.of(reader).filter(closed_at=None).exists()

        bo = make_researcher(f"Bo Bond {place}")
        at_once(
            lambda reader=reader, bo=bo: make_invitation(reader, bo.author).pk,
            lambda reader=reader, bo=bo: contact.block(reader, by=bo.user),
        )
        assert not Invitation.objects.live().filter(sender=reader, recipient=bo.user).exists()

        cai = make_researcher(f"Cai Carr {place}")
        talk = make_conversation(make_person(f"third{place}"), cai)
        third = talk.members.exclude(user=cai.user).get().user
        at_once(
            lambda talk=talk, third=third: bool(contact.write(talk, text="Hello", by=third)),
            lambda third=third, cai=cai: contact.block(third, by=cai.user),
        )
        talk.refresh_from_db()
        assert talk.closed_at
