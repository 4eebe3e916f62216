"""Who is told of what in the header: claims, requests to vouch, corrections. What happened is announced elsewhere; here are the words."""

from __future__ import annotations

from django.urls import reverse

from profiles.actions.notifications import notify, withdraw_notification
from profiles.models import Claim, Evidence, Notification, Profile
from works.models import Correction

Kind = Notification.Kind
CLAIMS = {
    "questioned": "The reviewers have a question about your claim to the page of {name}.",
    "approved": "The page of {name} is yours now.",
    "rejected": "Your claim to the page of {name} was not approved.",
    "expired": "Your claim to the page of {name} has run out.",
    "superseded": "Another claim to the page of {name} was approved.",
    "disputed": "Somebody disputes your claim to the page of {name}.",
    "frozen": "Your claim to the page of {name} is frozen: somebody said “this was not me”.",
    "upheld": "The page of {name} stays yours.",
    "revoked": "The page of {name} is no longer tied to your account.",
    "released": "The page of {name} was given up from your account.",
    "identity-checked": "Two members of staff have checked that you are {name}.",
    "identity-declined": "Staff could not check that you are {name}.",
}


def tell_of_claim(*, claim_id: int, step: str) -> None:
    """Tell the claimant what happened to their claim; one line for each claim and step. Three statements."""
    claim = Claim.objects.select_related("user", "author").defer("author__name_search").get(pk=claim_id)
    if claim.user is not None:
        text = CLAIMS[step].format(name=claim.author.name)
        notify(recipient=claim.user, kind=Kind.CLAIM, key=f"{claim.public_id} {step}", text=text, address=claim.get_absolute_url())


def tell_of_vouch(*, evidence_id: int) -> None:
    """Tell a co-author that somebody asks for their word. Three statements."""
    item = Evidence.objects.select_related("given_by", "author").defer("author__name_search").get(pk=evidence_id)
    if item.given_by is not None:
        what = "who they are" if item.kind == Evidence.Kind.IDENTITY_VOUCH else "that"
        text = f"Somebody who says to be {item.author.name} asks you to vouch for {what}."
        notify(recipient=item.given_by, kind=Kind.VOUCH, key=str(item.pk), text=text, address=reverse("profiles:vouch", args=[item.pk]))


def vouch_is_answered(*, evidence_id: int) -> None:
    """Nothing is asked of the co-author any more."""
    item = Evidence.objects.select_related("given_by").get(pk=evidence_id)
    if item.given_by is not None:
        withdraw_notification(recipient=item.given_by, kind=Kind.VOUCH, key=str(item.pk))


def tell_of_correction(*, correction_id: int) -> None:
    """Tell the owner of a record that a reader doubts a place in it; staff have a queue of their own. Four statements at most."""
    correction = Correction.objects.select_related("work").only("author_id", "work__title").get(pk=correction_id)
    profile = Profile.objects.select_related("user").only("user__is_active").filter(author=correction.author_id).first()
    if profile is not None:
        text = f"A reader doubts a place of yours in “{correction.work.title}”."
        address = f"{reverse('profiles:my_works')}#corrections"
        notify(recipient=profile.user, kind=Kind.CORRECTION, key=str(correction.pk), text=text, address=address)
