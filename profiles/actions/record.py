"""What owners decide about the record that is theirs: which works are, what readers doubt, which records are one, what is another's.

Each action is about the record that `by` holds; ids of anything else are refused. Owners decide nothing while somebody disputes their
claim, and nothing that is hard to undo in the first three days. The record's lock comes first: whoever waits for it finds the claim as it
is then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q

from profiles.models import Claim, User
from works.actions import corrections, proposals
from works.actions.authorships import Answer, decide_authorships, withdraw_decisions
from works.actions.corrections import CorrectionRefused
from works.actions.imports.locks import lock_record
from works.actions.journal import Actor
from works.actions.merges import MergeRefused, split_author
from works.actions.proposals import ProposalSettled
from works.matching import same_name
from works.models import Author, AuthorName, Authorship, AuthorshipDecision, Correction, Merge, MergeProposal
from works.models.decision import Role
from works.names import fold


class RecordRefused(ValueError):
    """What was asked cannot be done. The message is for the person who asked."""


@contextmanager
def refusals() -> Iterator[None]:
    """What the floor below refuses, the person reads as well."""
    try:
        yield
    except (CorrectionRefused, MergeRefused, ProposalSettled) as refused:
        raise RecordRefused(str(refused)) from refused


def own_record(*, is_lasting: bool = False, by: User) -> Author:
    """The record that `by` holds and may decide about; `is_lasting`: by something that is hard to undo. One query."""
    claim = Claim.objects.holding().select_related("author").filter(user=by).first()
    if claim is None:
        raise RecordRefused("You have no page of your own yet. It begins when a claim of yours is approved.")
    if claim.frozen_at or claim.status == Claim.Status.DISPUTED:
        raise RecordRefused("Somebody objected to your claim. The record can be changed again once staff have decided.")
    if is_lasting and claim.is_cooling_off:
        raise RecordRefused("Your claim was approved less than 72 hours ago. What is hard to undo has to wait until they are over.")
    return claim.author


def owner(*, by: User) -> Actor:
    return Actor(account=by.pk, role=Role.OWNER)


def name_keys(author: Author) -> list[str]:
    """The folded names by which an author goes, hidden ones among them. One query."""
    return [author.name_key, *AuthorName.objects.filter(author=author).values_list("name_key", flat=True)]


def fits(name: str, keys: Collection[str]) -> bool:
    """Whether a printed name may be that of somebody who goes by these folded names."""
    return any(same_name(key, fold(name)) for key in keys)


@transaction.atomic
def answer_place(*, place_id: int, is_mine: bool, by: User) -> Authorship:
    """This place in a byline is mine, or it is not. The place as it was before."""
    lock_record()
    author = own_record(by=by)
    place = Authorship.objects.select_related("work", "author").filter(pk=place_id).first()
    if place is None:
        raise RecordRefused("The work has no such place in its byline any more.")
    if is_mine:
        check_may_be_mine(place, author)
    elif place.author_id != author.pk:
        raise RecordRefused("That place is not on your page.")
    said = Answer(work=place.work_id, position=place.position, author=author.pk, is_mine=is_mine)
    for _, reason in decide_authorships([said], by=owner(by=by)).refused:
        raise RecordRefused(reason)
    return place


def check_may_be_mine(place: Authorship, author: Author) -> None:
    """RecordRefused for a place that is no person's, that is on a page somebody else has claimed, or that bears none of the names."""
    if place.author_id == author.pk:
        return
    if place.matched_by == Authorship.Match.NOT_A_PERSON:
        raise RecordRefused(f"“{place.name}” is no person.")
    if place.author and place.author.is_claimed:
        raise RecordRefused(f"{place.name} here is somebody who has claimed their page: report it there as “Not this person?”.")
    if not fits(place.name, name_keys(author)):
        raise RecordRefused(f"“{place.name}” is none of your names. If it is, add the name to your profile first.")


@transaction.atomic
def take_back_answer(*, decision_id: int, by: User) -> None:
    """An answer of one's own is taken back: matching may speak of the place again."""
    lock_record()
    author = own_record(by=by)
    own = AuthorshipDecision.objects.filter(pk=decision_id, author=author, role=Role.OWNER)
    if not withdraw_decisions(list(own.values_list("pk", flat=True)), by=owner(by=by)):
        raise RecordRefused("That is no answer of yours, or it was taken back already.")


@transaction.atomic
def answer_correction(*, correction_id: int, is_right: bool, answer: str, by: User) -> None:
    """What a reader says of one's record is right, and the place goes to a new author; or it is not."""
    lock_record()
    author = own_record(by=by)
    if not Correction.objects.filter(pk=correction_id, author=author, goes_to=Role.OWNER).exists():
        raise RecordRefused("That report is not about your record, or staff answer it.")
    decide = corrections.accept_correction if is_right else corrections.dismiss_correction
    with refusals():
        decide(correction_id, answer=answer, by=owner(by=by))


def proposals_about(author: Author) -> Q:
    """Proposed merges of this author with another, and of works on this author's page."""
    own = Authorship.objects.filter(author=author).values("work")
    return Q(author_a=author) | Q(author_b=author) | Q(work_a__in=own) | Q(work_b__in=own)


@transaction.atomic
def answer_proposal(*, proposal_id: int, is_one: bool, by: User) -> None:
    """They are two, which is final; or they are one, which staff read and carry out."""
    lock_record()
    author = own_record(is_lasting=True, by=by)
    if not MergeProposal.objects.filter(proposals_about(author), pk=proposal_id).exists():
        raise RecordRefused("That proposal is not about your record.")
    decide = proposals.endorse_proposal if is_one else proposals.decline_proposal
    with refusals():
        decide(proposal_id, by=owner(by=by))


@transaction.atomic
def split_own_record(*, authorship_ids: Collection[int], reason: str, by: User) -> Merge:
    """Some of the works on one's page are all one other person's: they go to a new author."""
    lock_record()
    author = own_record(is_lasting=True, by=by)
    with refusals():
        return split_author(author_id=author.pk, authorship_ids=authorship_ids, reason=reason, by=owner(by=by))
