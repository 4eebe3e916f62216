from profiles.models.abuse import AbuseEvent, AbuseReport
from profiles.models.addition import Addition
from profiles.models.claim import Claim, ClaimAnswer, ClaimEvent, ClaimNotice
from profiles.models.conversation import Conversation, Member, Message
from profiles.models.digest import Digest, DigestPlan
from profiles.models.evidence import EmailDomain, Evidence
from profiles.models.feed import Feed
from profiles.models.finding import Finding, FindingEvent, Suspension
from profiles.models.follow import Follow
from profiles.models.introduction import Introduction
from profiles.models.invitation import Block, Invitation, InvitationWork
from profiles.models.mail import PausedAddress, SentMail
from profiles.models.moderation import ModerationEntry
from profiles.models.notification import Notification, Preferences
from profiles.models.objection import Objection
from profiles.models.privacy import AccountDeletion, EvidenceView
from profiles.models.profile import PinnedWork, Profile, ProfileAffiliation, ProfileLink
from profiles.models.review import Weighing
from profiles.models.snapshot import Snapshot
from profiles.models.token import ApiToken
from profiles.models.trust import StaleTrust, Trust, TrustChange, Vouching
from profiles.models.user import User
from profiles.models.waiting import WaitingMail

__all__ = [
    "AbuseEvent",
    "AbuseReport",
    "AccountDeletion",
    "Addition",
    "ApiToken",
    "Block",
    "Claim",
    "ClaimAnswer",
    "ClaimEvent",
    "ClaimNotice",
    "Conversation",
    "Digest",
    "DigestPlan",
    "EmailDomain",
    "Evidence",
    "EvidenceView",
    "Feed",
    "Finding",
    "FindingEvent",
    "Follow",
    "Introduction",
    "Invitation",
    "InvitationWork",
    "Member",
    "Message",
    "ModerationEntry",
    "Notification",
    "Objection",
    "PausedAddress",
    "PinnedWork",
    "Preferences",
    "Profile",
    "ProfileAffiliation",
    "ProfileLink",
    "SentMail",
    "Snapshot",
    "StaleTrust",
    "Suspension",
    "Trust",
    "TrustChange",
    "User",
    "Vouching",
    "WaitingMail",
    "Weighing",
]
