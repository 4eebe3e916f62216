"""Who may do what: the one table of every pattern of the address book. What is not in it is a failing test.

A rule is one letter for each of the scene's roles, in their order: stranger, reader, owner, other owner, reviewer, curator, administrator.

    +  let in    L  sent to the log-in    -  refused    0  told that there is nothing    x  no such method

The first rule of a row is of reading (GET), the second of posting. "Let in" says that the door opens; what a form then refuses has tests of
its own.
"""

from __future__ import annotations

ALL, NEVER, NOTHING, LOG_IN = "+++++++", "xxxxxxx", "0000000", "LLLLLLL"
MEMBERS, OWNER = "L++++++", "L0+0000"
STAFF, REVIEWERS, CURATORS = "L---+++", "L---+-+", "L----++"

ROWS: list[tuple[str, str, str]] = [
    (ALL, NEVER, "|search/|search/suggest/|search/feed/|search/export/|about/|about/privacy/|about/claims/|healthz|readyz|robots.txt"),
    (ALL, NEVER, "sitemap.xml|sitemaps/<slug:name>-<int:number>.xml|sources/|sources/<str:slug>/"),
    (ALL, NEVER, "topics/<str:slug>/|topics/<str:slug>/feed/|institutions/<str:slug>/|institutions/<str:slug>/feed/"),
    (ALL, NEVER, r"^(?P<kind>topic|institution|source)s/(?P<slug>[^/]+)/people/$"),
    (ALL, NEVER, "works/<str:public_id>/cite/|works/<str:public_id>/export/|works/<str:public_id>/picture.png"),
    (ALL, NEVER, "works/<str:public_id>/citations/|works/<str:public_id>/references/"),
    (ALL, NEVER, "graph/|graph/path/|graph/path/people/|graph/edges/<str:one>/<str:other>/"),
    (ALL, NEVER, "researchers/<str:slug>/|researchers/<str:slug>/collaborators/|researchers/<str:slug>/topics/"),
    (ALL, NEVER, "researchers/<str:slug>/trust/|researchers/<str:slug>/trust.svg|researchers/<str:slug>/picture.png"),
    (ALL, NEVER, "researchers/<str:slug>/feed/|researchers/<str:slug>/export/"),
    # Whoever has the address may: it holds a secret, or says nothing before the claim holds.
    (ALL, NEVER, "feeds/<str:token>/|proof/<str:token>/|graph/snapshots/<str:pk>/"),
    (ALL, ALL, "digest/stop/<str:word>/|not-me/<str:word>/"),
    (ALL, NEVER, "me/notifications/count/"),  # an empty answer to strangers: pages that were open at a log-out ask
    # Readers without an account say that a byline, or a whole page, is wrong; and ask for a slice that nobody has built yet.
    (ALL, ALL, "authorships/<int:pk>/correct/|privacy/objection/"),
    (ALL, ALL, "researchers/<str:slug>/graph/|researchers/<str:slug>/similar/|works/<str:slug>/graph/"),
    (ALL, ALL, "topics/<str:slug>/graph/|institutions/<str:slug>/graph/"),
    (ALL, NEVER, "works/<str:public_id>/"),
    (ALL, NOTHING, "works/export/"),  # many ids may be posted; none were
    (MEMBERS, NEVER, "me/|me/feed/|me/follows/|me/works/|me/export/|me/messages/|me/blocks/|me/claims/|me/notifications/"),
    (MEMBERS, NEVER, "me/profile/preview/|researchers/<str:slug>/connection/"),
    (MEMBERS, MEMBERS, "me/profile/|me/settings/|me/feed/address/|me/works/split/|me/works/add/|me/delete/|graph/snapshots/"),
    (MEMBERS, MEMBERS, "accounts/tokens/|accounts/email/"),
    (MEMBERS, MEMBERS, "researchers/<str:slug>/report/|researchers/<str:slug>/invite/|researchers/<str:slug>/introduce/"),
    (MEMBERS, MEMBERS, "researchers/<str:slug>/block/"),
    (ALL, MEMBERS, "researchers/<str:slug>/claim/"),
    (NEVER, MEMBERS, "me/profile/<str:verb>/|me/notifications/read/|me/settings/digest/|me/feed/seen/|me/works/answer/"),
    (NEVER, MEMBERS, "researchers/<str:slug>/follow/|researchers/<str:slug>/unfollow/|topics/<str:slug>/follow/"),
    (NEVER, MEMBERS, "topics/<str:slug>/unfollow/|institutions/<str:slug>/follow/|institutions/<str:slug>/unfollow/"),
    (NEVER, MEMBERS, "search/follow/|search/unfollow/"),
    (NEVER, MEMBERS, "me/works/<str:verb>/"),
    (OWNER, NEVER, "me/invitations/<slug:public_id>/|me/introductions/<slug:public_id>/|claims/<slug:public_id>/"),
    (OWNER, OWNER, "me/works/add/<int:pk>/|me/conversations/<slug:public_id>/|me/reports/<slug:kind>/<slug:public_id>/"),
    (OWNER, OWNER, "claims/<slug:public_id>/works/|vouches/<int:evidence_id>/"),
    (NEVER, OWNER, "accounts/tokens/<int:pk>/revoke/|me/notifications/<int:pk>/open/|me/follows/<int:pk>/end/"),
    (NEVER, OWNER, "me/invitations/<slug:public_id>/<slug:verb>/|me/introductions/<slug:public_id>/<slug:verb>/"),
    (NEVER, OWNER, "me/conversations/<slug:public_id>/look/|me/conversations/<slug:public_id>/seen/"),
    (NEVER, OWNER, "me/conversations/<slug:public_id>/close/|me/blocks/<int:pk>/lift/|me/blocks/<slug:kind>/<slug:public_id>/"),
    (NEVER, OWNER, "claims/<slug:public_id>/<slug:step>/"),
    ("Lxxxxxx", OWNER, "graph/snapshots/<str:pk>/delete/"),
    (NEVER, "L0+000+", "me/settings/addresses/<int:pk>/resume/"),
    ("L0+0+0+", "L0+0+0+", "findings/<slug:public_id>/"),
    (REVIEWERS, NEVER, "review/|review/audit/|review/findings/|review/objections/|review/messages/|review/<slug:public_id>/"),
    (REVIEWERS, REVIEWERS, "review/findings/suspend/<slug:public_id>/|review/messages/<slug:public_id>/"),
    (NEVER, REVIEWERS, "review/decide/|review/findings/look/<int:pk>/|review/findings/lift/<int:pk>/"),
    (NEVER, REVIEWERS, "review/objections/<slug:public_id>/|review/<slug:public_id>/decide/"),
    (NEVER, "L---0-0", "review/<slug:public_id>/withdraw/"),  # no check was named
    (CURATORS, NEVER, "merges/|merges/journal/|corrections/"),
    (CURATORS, CURATORS, "merges/new/|merges/journal/<int:pk>/|merges/authors/<str:public_id>/split/|works/<str:public_id>/split/"),
    (NEVER, CURATORS, r"^merges/proposals/(?P<pk>\d{1,18})/(?P<verb>accept|decline)/$"),
    (NEVER, CURATORS, r"^corrections/(?P<pk>\d{1,18})/(?P<verb>accept|dismiss)/$"),
    (STAFF, NEVER, "imports/<int:run_id>/"),
    (STAFF, STAFF, "imports/"),
    ("L---000", NEVER, "outbox/|outbox/<str:key>/"),  # on a machine of one's own alone; here mails leave by a server
    # Programs with a token of the settings; nobody else learns that it is there, or what it does.
    (NOTHING, NEVER, "metrics"),
    (NEVER, LOG_IN, "mail/reports/"),
    # The API.
    (ALL, NEVER, "api/v1/|api/v1/schema/"),
    (ALL, "Lxxxxxx", "api/v1/authors/|api/v1/authors/<public_id:public_id>/|api/v1/authors/<public_id:public_id>/trust/"),
    (ALL, "Lxxxxxx", "api/v1/authors/<public_id:public_id>/collaborations/|api/v1/authors/<public_id:public_id>/slice/"),
    (ALL, "Lxxxxxx", "api/v1/authors/<public_id:public_id>/similar/"),
    (ALL, "Lxxxxxx", "api/v1/paths/|api/v1/works/|api/v1/works/<public_id:public_id>/|api/v1/works/<public_id:public_id>/slice/"),
    (ALL, "Lxxxxxx", "api/v1/works/<public_id:public_id>/references/|api/v1/works/<public_id:public_id>/citations/"),
    (ALL, "Lxxxxxx", "api/v1/authorships/|api/v1/topics/|api/v1/topics/<public_id:public_id>/|api/v1/sources/"),
    (ALL, "Lxxxxxx", "api/v1/topics/<public_id:public_id>/slice/|api/v1/institutions/<public_id:public_id>/slice/"),
    (ALL, "Lxxxxxx", "api/v1/institutions/|api/v1/institutions/<public_id:public_id>/|api/v1/sources/<public_id:public_id>/"),
    (MEMBERS, "Lxxxxxx", "api/v1/me/|api/v1/me/claims/"),
    (STAFF, STAFF, "api/v1/import-runs/"),
    (STAFF, "L---xxx", "api/v1/import-runs/<int:pk>/|api/v1/import-runs/<int:pk>/rejections/"),
    (NOTHING, NOTHING, "api/v1/^.*$"),
    # allauth's own.
    (ALL, ALL, "accounts/login/|accounts/logout/|accounts/signup/|accounts/password/reset/"),
    (ALL, ALL, r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$"),
    (ALL, NOTHING, r"accounts/^confirm-email/(?P<key>[-:\w]+)/$"),
    (ALL, NEVER, "accounts/inactive/|accounts/confirm-email/|accounts/password/reset/key/done/|accounts/password/reset/done/"),
    (ALL, NEVER, "accounts/3rdparty/login/cancelled/"),
    (ALL, ALL, "accounts/social/login/cancelled/|accounts/social/login/error/|accounts/social/signup/|accounts/social/connections/"),
    (MEMBERS, MEMBERS, "accounts/password/change/|accounts/password/set/|accounts/sessions/|accounts/3rdparty/|accounts/reauthenticate/"),
    (MEMBERS, MEMBERS, "accounts/2fa/totp/activate/|accounts/2fa/recovery-codes/generate/|accounts/2fa/webauthn/add/"),
    (MEMBERS, MEMBERS, "accounts/2fa/authenticate/|accounts/2fa/webauthn/login/|accounts/login/code/confirm/"),
    (MEMBERS, "Lxxxxxx", "accounts/2fa/|accounts/2fa/webauthn/"),
    # Of a second factor that nobody of the scene has; of a log-in elsewhere that nobody has begun.
    ("L000000", "Lxxxxxx", "accounts/2fa/recovery-codes/"),
    ("L000000", "L000000", "accounts/2fa/recovery-codes/download/|accounts/2fa/totp/deactivate/"),
    ("L000000", "L000000", "accounts/2fa/webauthn/keys/<int:pk>/remove/|accounts/2fa/webauthn/keys/<int:pk>/edit/"),
    (LOG_IN, LOG_IN, "accounts/2fa/reauthenticate/|accounts/2fa/webauthn/reauthenticate/|accounts/3rdparty/signup/"),
    (LOG_IN, NEVER, "accounts/3rdparty/login/error/"),
    (NOTHING, NOTHING, "accounts/orcid/login/|accounts/orcid/login/callback/"),  # where ORCID is not configured, as here
]


def rules() -> dict[str, tuple[str, str]]:
    """Reading and posting by pattern. Patterns with an | of their own have a row of their own."""
    found: dict[str, tuple[str, str]] = {}
    for read, post, listed in ROWS:
        for route in [listed] if "(?P" in listed else listed.split("|"):
            assert route not in found or found[route] == (read, post), route
            found[route] = (read, post)
    return found
