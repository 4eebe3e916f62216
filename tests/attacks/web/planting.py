"""Payloads planted into every imported and typed text of the scene's rows, past all forms; and what follows from those texts made anew."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from django.db import connection

from graph.actions.builds import build
from graph.models import KIND_OF
from profiles.actions.profiles import card_of
from profiles.models import Profile
from tests.attacks.web.scene import Scene

TEXTS = {
    "works_author": ["name"], "works_authorname": ["name"], "works_institution": ["name", "city"], "works_source": ["name"],
    "works_topic": ["label"], "works_work": ["title", "abstract", "volume", "issue", "pages", "publisher"], "works_notice": ["title"],
    "works_authorship": ["raw_name", "name"], "works_affiliation": ["raw"], "works_correction": ["raw_name", "note", "answer"],
    "works_recordevent": ["text"], "works_importrun": ["error", "requested_by"], "works_rejectedrecord": ["place", "key",
    "reason", "excerpt"],
    "works_merge": ["reason"], "profiles_invitation": ["message"], "profiles_message": ["text"],
    "profiles_abusereport": ["statement", "text", "decision"], "profiles_addition": ["label", "error"], "profiles_claim": ["statement"],
    "profiles_claimevent": ["text"], "profiles_emaildomain": ["note"], "profiles_finding": ["statement", "decision", "appeal"],
    "profiles_findingevent": ["text"], "profiles_abuseevent": ["text"], "profiles_suspension": ["reason"],
    "profiles_introduction": ["message"], "profiles_notification": ["text"], "profiles_objection": ["statement", "reason"],
    "profiles_profile": ["headline", "biography"], "profiles_profileaffiliation": ["name", "role"],
    "profiles_profilelink": ["label", "failure"],
    "profiles_apitoken": ["name"],
}  # fmt: skip
# What repeats those texts as they are; what repeats them as markup is made anew.
REPEATED = {
    "works_author": ["summary"], "works_work": ["card"], "works_importrun": ["request"], "works_merge": ["parties"],
    "works_registryrecord": ["payload"], "works_mergeproposal": ["reasons"], "profiles_moderationentry": ["reasons"],
    "profiles_addition": ["records"], "profiles_snapshot": ["payload"], "profiles_trust": ["lines"],
}  # fmt: skip

# What imports take out, and forms refuse.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Planter:
    """Knows the texts as they were, and writes payloads behind them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name, column_name, character_maximum_length FROM information_schema.columns WHERE table_name = ANY(%s)",
                [list(TEXTS)],
            )
            self.longest = {(table, column): length for table, column, length in cursor.fetchall()}
        self.texts = {(table, column): self.read(table, column) for table, columns in TEXTS.items() for column in columns}
        self.repeated = {(table, column): self.read(table, column) for table, columns in REPEATED.items() for column in columns}
        self.known = {text for rows in self.texts.values() for text in rows.values() if text and len(text) > 4}

    def read(self, table: str, column: str) -> dict[Any, Any]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {key_of(table)}, {column} FROM {table}")
            is_text = table in TEXTS and column in TEXTS[table]
            return {key: value if is_text else value and orjson.loads(value) for key, value in cursor}

    def plant(self, payloads: Sequence[str]) -> None:
        """Write as many of these behind each text as its column has room for, and have the rest made anew."""
        with connection.cursor() as cursor, past_rules(cursor):
            for (table, column), rows in self.texts.items():
                longest = self.longest[table, column]
                statement = f"UPDATE {table} SET {column} = %s WHERE {key_of(table)} = %s"
                cursor.executemany(statement, [(filled(text, payloads, longest), key) for key, text in rows.items() if text is not None])
            for (table, column), found in self.repeated.items():
                statement = f"UPDATE {table} SET {column} = %s::jsonb WHERE {key_of(table)} = %s"
                rows_of_json = [(orjson.dumps(self.within(value, payloads)).decode(), key) for key, value in found.items()]
                cursor.executemany(statement, rows_of_json)
        for profile in Profile.objects.all():
            profile.topics = [payload[:60] for payload in payloads[:8]]
            Profile.objects.filter(pk=profile.pk).update(topics=profile.topics, card=card_of(profile))
        for name in ("ada", "work", "topic", "institution"):
            thing = self.scene.things[name]
            thing.refresh_from_db()
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE graph_{'' if name == 'ada' else name}slice SET stale_at = now(), requested_at = now(), attempts = 0"
                )
            build(kind=KIND_OF[type(thing)], subject_id=thing.pk)

    def within(self, value: Any, payloads: Sequence[str]) -> Any:
        if isinstance(value, dict):
            return {name: self.within(inner, payloads) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.within(inner, payloads) for inner in value]
        return filled(value, payloads, 2_000) if isinstance(value, str) and any(text in value for text in self.known) else value


def filled(text: str, payloads: Sequence[str], longest: int | None) -> str:
    """The text, and behind it as many payloads as there is room for."""
    for payload in payloads:
        payload = CONTROL.sub("", payload)
        if longest and len(text) + 1 + len(payload) > longest:
            break
        text = f"{text} {payload}"
    return text


def key_of(table: str) -> str:
    return {"profiles_trust": "author_id", "profiles_moderationentry": "author_id"}.get(table, "id")


@contextlib.contextmanager
def past_rules(cursor: Any) -> Iterator[None]:
    """Without triggers: what is only ever added to is overwritten too."""
    cursor.execute("SET session_replication_role = replica")
    yield
    cursor.execute("SET session_replication_role = DEFAULT")
