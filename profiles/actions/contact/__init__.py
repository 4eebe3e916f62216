"""The one writer of Invitation, Conversation, Member, Message and Block.

    send_invitation(author, *, purpose, message, works=(), by) -> Invitation     delivered to who claimed the page and is open, else held
    accept(invitation, *, by) -> Conversation
    decline(invitation, *, by) -> Invitation
    put_off(invitation, *, by) -> Invitation                                     "later": 60 days more
    revoke(invitation, *, by) -> Invitation                                      its sender takes it back
    release_held() -> int                                                        deliver what may be delivered now
    expire_invitations() -> int
    write(conversation, *, text, by) -> Message
    mark_seen(conversation, *, upto, by) -> None
    close(conversation, *, by) -> Conversation
    block(other, *, by) -> None
    unblock(other, *, by) -> None

Each is one transaction. Whatever is about two accounts locks both their rows, the one with the smaller number first, and then the
invitation or conversation: a block, an answer and a withdrawal at the same moment come one after another. What cannot be done raises
ContactRefused with a sentence for the person, and changes nothing. That somebody is blocked is never said: the sentence is the same as
for everybody who cannot be written to.
"""

from profiles.actions.contact.blocks import block, unblock
from profiles.actions.contact.conversations import close, mark_seen, write
from profiles.actions.contact.invitations import accept, decline, expire_invitations, put_off, revoke, send_invitation
from profiles.actions.contact.pairs import NOT_POSSIBLE, ContactRefused
from profiles.actions.contact.releasing import are_held_deliverable, release_held

__all__ = [
    "NOT_POSSIBLE",
    "ContactRefused",
    "accept",
    "are_held_deliverable",
    "block",
    "close",
    "decline",
    "expire_invitations",
    "mark_seen",
    "put_off",
    "release_held",
    "revoke",
    "send_invitation",
    "unblock",
    "write",
]
