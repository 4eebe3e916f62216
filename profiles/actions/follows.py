"""Following: idempotent, and settled by Postgres where two requests race."""

from profiles.models import Follow, User
from works.models import Author


def follow(author: Author, *, by: User) -> None:
    """`by` follows the author from now on; nothing changes for who does so already. One statement."""
    Follow.objects.bulk_create([Follow(author=author, user=by)], ignore_conflicts=True)


def unfollow(author: Author, *, by: User) -> None:
    """`by` no longer follows the author; nothing changes for who does not. One statement."""
    Follow.objects.filter(author=author, user=by).delete()
