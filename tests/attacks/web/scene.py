"""A site with one of everything in it, and the address at which each pattern of the address book finds it.

What can be owned belongs to the owner, Ada; Bo is the owner of another page; Cy's page is claimed and waits for a reviewer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.signing import dumps
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from graph.actions.builds import build
from graph.actions.slices import request_slice
from graph.explorer.state import parse
from graph.models import KIND_OF
from profiles.actions import abuse, findings
from profiles.actions.claims.notices import SALT
from profiles.actions.digests.choosing import stop_word
from profiles.actions.feeds import make_feed_token
from profiles.actions.follows import follow
from profiles.actions.introductions import ask_for_introduction
from profiles.actions.notifications import notify
from profiles.actions.privacy.objections import object_to
from profiles.actions.profiles import add_affiliation, add_link, add_other_name, describe_oneself, pin_work
from profiles.actions.snapshots import take_snapshot
from profiles.actions.tokens import create_token
from profiles.evidence import homepage
from profiles.models import Addition, Block, Claim, Evidence, Follow, ModerationEntry, Notification, PausedAddress, SentMail, User
from profiles.models.mail import hash_of_address
from profiles.roles import ADMINISTRATOR, CURATOR, REVIEWER
from tests.factories.claims import claim_in_review
from tests.factories.contact import WORDS, Researcher, claim_page, make_conversation, make_invitation
from tests.factories.people import make_user
from tests.factories.verified import bring_in, printed, record, settle
from works.actions.corrections import Reader, report_correction
from works.actions.journal import Actor
from works.actions.merges import merge_authors
from works.actions.proposals import ProposedPair, propose_merges
from works.actions.search import rebuild_search
from works.actions.shelves import rebuild_shelves
from works.models import Author, Authorship, ImportRun, Institution, MergeProposal, Source, Topic, Work
from works.models.decision import Role

ROLES = ("stranger", "reader", "owner", "other", "reviewer", "curator", "administrator")
ROR = "02mhbdp94"


@dataclass
class Scene:
    """Who is there, what is there (by the name that the tests call it), and where."""

    users: dict[str, User]
    things: dict[str, Any]
    addresses: dict[str, str] = field(default_factory=dict)

    def client(self, role: str, **kinds: Any) -> Client:
        """A browser of somebody in this role, who has just given the password (again)."""
        client = Client(raise_request_exception=False, **kinds)
        if role != "stranger":
            user = self.users[role]
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            session = client.session
            session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
            session["account_authentication_methods_user"] = str(user.pk)
            session.save()
        return client

    def at(self, route: str) -> str:
        """The address at which a pattern finds something of the scene."""
        return "/" + self.addresses.get(route, route.replace("^.*$", "nothing/"))


def make_scene() -> Scene:
    """Some three hundred statements; passwords are hashed as the settings say."""
    users = {name: make_user(f"{name}@mail.example") for name in ("reader", "owner", "other", "friend", "claimant")}
    users |= {role: make_user(f"{role}@mail.example", role=role, is_staff=True) for role in (REVIEWER, CURATOR, ADMINISTRATOR)}
    first = record(
        "On engines",
        [printed("Ada Open", ror=ROR), printed("Bo Bond", ror=ROR), printed("Cy Case"), printed("Fay Friend")],
        abstract="How an engine is told what to do.",
        source={"name": "Journal of Mills", "kind": "journal"},
    )
    second = record("Of mills", [printed("Ada Open", ror=ROR), printed("Dee Doe")], references=[first["identifiers"][0]])
    bring_in(first, second, record("Of looms", [printed("D. Doe"), printed("Eve Else")]))
    ada, bo, cy, fay, dee, d_doe, eve = (
        Author.objects.get(name=name) for name in ("Ada Open", "Bo Bond", "Cy Case", "Fay Friend", "Dee Doe", "D. Doe", "Eve Else")
    )
    claim_page(ada, users["owner"])
    claim_page(bo, users["other"])
    friend = claim_page(fay, users["friend"])
    settle()
    rebuild_shelves()
    rebuild_search()
    subjects: list[Any] = [ada, Work.objects.get(title="On engines"), Topic.objects.get(), Institution.objects.get()]
    for subject in subjects:
        request_slice(subject)
        build(kind=KIND_OF[type(subject)], subject_id=subject.pk)
        if isinstance(subject, Author):
            request_slice(subject, kind="similar")
            build(kind="similar", subject_id=subject.pk)
    things = {"ada": ada, "bo": bo, "cy": cy, "dee": dee, "eve": eve, "source": Source.objects.get(name="Journal of Mills")}
    scene = Scene(users, things | dict(zip(("work", "topic", "institution"), subjects[1:], strict=True)))
    fill_desk(scene, d_doe)
    fill_account(scene, friend)
    scene.addresses = addresses(scene)
    return scene


def fill_desk(scene: Scene, d_doe: Author) -> None:
    """What waits for staff."""
    users, things = scene.users, scene.things
    things["case"] = claim_in_review(things["cy"], by=users["claimant"])
    things["vouch"] = Evidence.objects.create(
        user=users["claimant"], author=things["cy"], claim=things["case"], kind=Evidence.Kind.COAUTHOR_ATTESTATION, given_by=users["owner"]
    )
    reported = findings.report(author=things["ada"], kind="identity", statement="Look at the address.", by=users["reader"])
    taken = findings.take_case(finding=reported, by=users["reviewer"])
    things["finding"] = findings.decide(finding=taken, is_upheld=True, decision="It is somebody else's.", by=users["reviewer"])
    things["suspension"] = findings.suspend(author=things["dee"], reason="For a test.", by=users["reviewer"])
    ModerationEntry.objects.create(author=things["dee"], found_at=timezone.now(), rank=1, reasons=["No chain of joint works."])
    visitor = Reader(account=None, address="192.0.2.1")
    things["objection"] = object_to(author=things["dee"], statement="Not me.", contact="dee@mail.example", by=visitor)
    by = Actor(account=users["curator"].pk, role=Role.STAFF)
    propose_merges(authors=[ProposedPair(one=things["dee"].pk, other=things["eve"].pk, score=0.9, reasons=[])])
    things["proposal"] = MergeProposal.objects.latest("pk")
    things["place"] = Authorship.objects.filter(author=things["eve"]).get()
    things["correction"] = report_correction(place=things["place"], kind="wrong-work", note="Somebody else.", by=visitor)
    things["merge"] = merge_authors(winner_id=things["cy"].pk, loser_ids=[d_doe.pk], reason="For a test", by=by)
    things["run"] = ImportRun.objects.create(source="arxiv", request={"files": [], "ids": [], "query": "q"}, fingerprint="x")


def fill_account(scene: Scene, friend: Researcher) -> None:
    """What the owner has."""
    users, things = scene.users, scene.things
    owner, ada, bo = users["owner"], things["ada"], things["bo"]
    things["claim"] = Claim.objects.get(user=owner)
    told: dict[str, Any] = {"headline": "Engines.", "biography": "I tell *engines* what to do.", "topics": ["Engines"], "hidden": []}
    describe_oneself(**told, is_open_to_collaborate=True, by=owner)
    add_affiliation(name="Mill of Kent", role="Miller", from_year=1840, to_year=None, by=owner)
    add_link(url="https://ada.example/", label="My page", by=owner)
    add_other_name(name="Ada Closed", is_public=True, by=owner)
    pin_work(public_id=things["work"].public_id, by=owner)
    things["page"] = Evidence.objects.create(
        user=owner, author=ada, claim=things["claim"], kind=Evidence.Kind.LINK, value="https://ada.example/", source="link"
    )
    things["api_token"] = create_token(name="script", scopes=["account:read"], by=owner)[0]
    things["feed_token"] = make_feed_token(by=owner)
    follow(bo, by=owner)
    things["follow"] = Follow.objects.get(user=owner)
    notify(recipient=owner, kind="claim", key="k", text="Something happened.", address="/me/claims/")
    things["notification"] = Notification.objects.get(recipient=owner, key="k")
    things["paused"] = PausedAddress.objects.create(user=owner, address_hash=hash_of_address(owner.email), reason="bounce", status="5.1.1")
    things["sent"] = SentMail.objects.create(user=owner, kind="account", outcome="sent", message_id="<a@b>", address_hash=b"x" * 32)
    things["conversation"] = make_conversation(users["claimant"], Researcher(owner, ada))
    things["invitation"] = make_invitation(owner, friend.author)
    things["introduction"] = ask_for_introduction(bo, middle=friend.author, purpose="talk", message=WORDS, by=owner)
    things["report"] = abuse.report_abuse(conversation=things["conversation"], kind="other", statement="Rude.", by=owner)
    things["block"] = Block.objects.get(user=owner)  # reporting blocks as well
    state = parse([("seed", f"person:{ada.public_id}")])
    things["snapshot"] = take_snapshot(state=state, by=owner)
    things["addition"] = Addition.objects.create(user=owner, author=ada, source="doi", label="10.1000/1")


def addresses(scene: Scene) -> dict[str, str]:
    """Where each pattern with a parameter finds something of the scene; the others are their own address."""
    things = scene.things
    slug = {name: things[name].slug for name in ("ada", "bo", "cy", "dee", "topic", "institution", "source")}
    opaque = {name: things[name].public_id for name in ("ada", "bo", "dee", "eve", "work", "topic", "institution", "source")}
    key = {name: thing.pk for name, thing in things.items() if hasattr(thing, "pk")}
    asked = ("claim", "case", "finding", "objection", "report", "invitation", "introduction", "conversation")
    word = {name: things[name].public_id for name in asked}
    found = {
        "sitemaps/<slug:name>-<int:number>.xml": "sitemaps/works-0.xml",
        "^(?P<kind>topic|institution|source)s/(?P<slug>[^/]+)/people/$": f"topics/{slug['topic']}/people/",
        "merges/journal/<int:pk>/": f"merges/journal/{key['merge']}/",
        r"^merges/proposals/(?P<pk>\d{1,18})/(?P<verb>accept|decline)/$": f"merges/proposals/{key['proposal']}/accept/",
        r"^corrections/(?P<pk>\d{1,18})/(?P<verb>accept|dismiss)/$": f"corrections/{key['correction']}/accept/",
        "merges/authors/<str:public_id>/split/": f"merges/authors/{opaque['ada']}/split/",
        "authorships/<int:pk>/correct/": f"authorships/{key['place']}/correct/",
        "imports/<int:run_id>/": f"imports/{key['run']}/",
        "graph/edges/<str:one>/<str:other>/": f"graph/edges/{'/'.join(sorted(f'person:{opaque[name]}' for name in ('ada', 'bo')))}/",
        "works/export/": f"works/export/?id={opaque['work']}&format=ris",
        "search/export/": "search/export/?q=engines&format=ris",
        "search/feed/": "search/feed/?q=engines",
        "accounts/tokens/<int:pk>/revoke/": f"accounts/tokens/{key['api_token']}/revoke/",
        "me/profile/<str:verb>/": "me/profile/add-link/",
        "me/notifications/<int:pk>/open/": f"me/notifications/{key['notification']}/open/",
        "me/settings/addresses/<int:pk>/resume/": f"me/settings/addresses/{key['paused']}/resume/",
        "digest/stop/<str:word>/": f"digest/stop/{stop_word(scene.users['owner'])}/",
        "feeds/<str:token>/": f"feeds/{things['feed_token']}/",
        "me/follows/<int:pk>/end/": f"me/follows/{key['follow']}/end/",
        "me/works/add/<int:pk>/": f"me/works/add/{key['addition']}/",
        "me/works/<str:verb>/": "me/works/take-back/",
        "graph/snapshots/<str:pk>/": f"graph/snapshots/{key['snapshot']}/",
        "graph/snapshots/<str:pk>/delete/": f"graph/snapshots/{key['snapshot']}/delete/",
        "me/invitations/<slug:public_id>/<slug:verb>/": f"me/invitations/{word['invitation']}/revoke/",
        "me/introductions/<slug:public_id>/<slug:verb>/": f"me/introductions/{word['introduction']}/withdraw/",
        "me/blocks/<int:pk>/lift/": f"me/blocks/{key['block']}/lift/",
        "me/blocks/<slug:kind>/<slug:public_id>/": f"me/blocks/conversation/{word['conversation']}/",
        "me/reports/<slug:kind>/<slug:public_id>/": f"me/reports/conversation/{word['conversation']}/",
        "review/findings/look/<int:pk>/": f"review/findings/look/{key['dee']}/",
        "review/findings/suspend/<slug:public_id>/": f"review/findings/suspend/{opaque['eve']}/",
        "review/findings/lift/<int:pk>/": f"review/findings/lift/{key['suspension']}/",
        "review/objections/<slug:public_id>/": f"review/objections/{word['objection']}/",
        "review/messages/<slug:public_id>/": f"review/messages/{word['report']}/",
        "findings/<slug:public_id>/": f"findings/{word['finding']}/",
        "researchers/<str:slug>/claim/": f"researchers/{slug['dee']}/claim/",
        "researchers/<str:slug>/introduce/": f"researchers/{slug['bo']}/introduce/?via={slug['ada']}",
        "claims/<slug:public_id>/<slug:step>/": f"claims/{word['claim']}/release/",
        "vouches/<int:evidence_id>/": f"vouches/{key['vouch']}/",
        "not-me/<str:word>/": f"not-me/{dumps(word['claim'], salt=SALT)}/",
        "proof/<str:token>/": homepage.address_of(key["page"]).partition("://")[2].partition("/")[2],
        "outbox/<str:key>/": "outbox/none.0/",
        r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": "accounts/confirm-email/none/",
        r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "accounts/password/reset/key/1-none/",
    }
    for route, _ in patterns():
        start, _, rest = route.partition("/<")
        end = rest.partition(">/")[2] if ">/" in rest else rest.partition(">")[2]
        kind = start.rpartition("/")[2].removesuffix("s")
        if route in found or not rest or "<" in end:
            continue
        if start == "review":
            key_there: Any = word["case"]
        elif start.startswith("api/") or start == "works":
            key_there = {"import-run": key["run"], "author": opaque["ada"]}.get(kind) or opaque[kind]
        else:
            key_there = {"researcher": slug["bo"], "key": 1}.get(kind) or slug.get(kind) or word.get(kind)
        found[route] = f"{start}/{key_there}/{end}"
    return found


def patterns() -> Iterator[tuple[str, Any]]:
    """Each pattern of the address book as one text, and its view."""
    yield from leaves(get_resolver(), "")


def leaves(resolver: Any, before: str) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield before + str(pattern.pattern), pattern.callback
        else:
            yield from leaves(pattern, before + str(pattern.pattern))
