"""Known items: somebody looks for a person or a work that they know, and types it as people do. The record must be first, or nearly.

The corpus is that of the paper lists, with one author for each name: what is tested is finding, not telling namesakes apart.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest
from django.test import Client

from tests.corpus.paperlists import FOLDER, convert
from works.actions.search import rebuild_search
from works.models import Author, Work, WorkIdentifier
from works.models.finding import find_people, find_works
from works.names import fold, public_id, title_hash

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the paper lists are not at hand; BZPEER_SAMPLE_DATA says where the sample data are"),
]

EACH = 30
SEED = 2022


@pytest.fixture
def record() -> tuple[dict[str, int], dict[str, int], list[tuple[str, str, int]]]:
    """The people by name and the works by title, of those whose name or title stands once; and the works' identifiers."""
    works = [item for item in convert() if hasattr(item, "authors")]
    bearers = Counter(author.name for work in works for author in work.authors if author.is_person)
    Author.objects.bulk_create(
        [Author(public_id=public_id("known", name), name=name, name_key=fold(name), works_count=count) for name, count in bearers.items()],
        batch_size=5_000,
    )
    Work.objects.bulk_create(
        [
            Work(public_id=public_id("known", work.key), type=work.type, title=work.title, title_key=fold(work.title),
                 title_hash=title_hash(fold(work.title)), year=work.year)
            for work in works
        ],
        batch_size=5_000,
    )  # fmt: skip
    ids = dict(Work.objects.values_list("public_id", "pk"))
    known = [(scheme, value, ids[public_id("known", work.key)]) for work in works for scheme, value in work.identifiers]
    WorkIdentifier.objects.bulk_create([WorkIdentifier(scheme=scheme, value=value, work_id=work) for scheme, value, work in known])
    rebuild_search()
    keys = Counter(fold(name) for name in bearers)
    titles = Counter(fold(work.title) for work in works)
    return (
        {name: author for name, author in Author.objects.values_list("name", "pk") if keys[fold(name)] == 1},
        {title: work for title, work in Work.objects.values_list("title", "pk") if titles[fold(title)] == 1},
        known,
    )


def without_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def with_a_slip(text: str, rng: Random) -> str:
    """`text` with one letter of its longest word missing, doubled, or exchanged with the next."""
    word = max(text.split(), key=len)
    place = rng.randrange(1, len(word) - 1)
    slip = rng.choice(
        [
            word[:place] + word[place + 1 :],
            word[:place] + word[place] + word[place:],
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        ]
    )
    return text.replace(word, slip, 1)


def out_of_order(title: str, rng: Random) -> str:
    """Six words of a title as somebody remembers them: in any order, without punctuation."""
    words = fold(title).split()[:6]
    return " ".join(rng.sample(words, len(words)))


def queries(people: dict[str, int], works: dict[str, int]) -> Iterator[tuple[str, str, str, int]]:
    """The table: (how it is typed, the query, "person" or "work", the id that is meant)."""
    rng = Random(SEED)
    two = sorted(name for name in people if len(name.split()) == 2 and name.isascii())
    surnames = Counter((name.split()[0][0].lower(), fold(name.split()[-1])) for name in people)
    kinds = {
        "as it stands": rng.sample(two, EACH),
        "accents dropped": rng.sample(sorted(name for name in people if name != without_accents(name)), EACH),
        "order changed": rng.sample(two, EACH),
        "initial": rng.sample(
            [name for name in two if surnames[name[0].lower(), fold(name.split()[1])] == 1 and len(name.split()[1]) > 4], EACH
        ),
        "one slip": rng.sample([name for name in two if len(max(name.split(), key=len)) > 5], EACH),
        "surname and initial": rng.sample(
            [name for name in two if surnames[name[0].lower(), fold(name.split()[1])] == 1 and len(name.split()[1]) > 4], EACH
        ),
    }
    typed: dict[str, Callable[[str], str]] = {
        "as it stands": str,
        "accents dropped": lambda name: without_accents(name).lower(),
        "order changed": lambda name: " ".join(reversed(name.split())),
        "initial": lambda name: f"{name[0]}. {name.split()[1]}",
        "one slip": lambda name: with_a_slip(name, rng),
        "surname and initial": lambda name: f"{name.split()[1].lower()}, {name[0]}.",
    }
    for kind, names in kinds.items():
        yield from ((kind, typed[kind](name), "person", people[name]) for name in names)
    native = sorted(name for name in people if any("\u4e00" <= char <= "\u9fff" for char in name))
    yield from (("native script", name, "person", people[name]) for name in native[:EACH])
    long = sorted(title for title in works if len(title.split()) > 6)
    yield from (("whole title", title.upper(), "work", works[title]) for title in rng.sample(long, EACH))
    yield from (("partial title", " ".join(title.split()[1:6]), "work", works[title]) for title in rng.sample(long, EACH))
    yield from (("title out of order", out_of_order(title, rng), "work", works[title]) for title in rng.sample(long, EACH))
    yield from (("title with a slip", with_a_slip(title, rng), "work", works[title]) for title in rng.sample(long, EACH))


def test_the_right_record_is_first_and_a_pasted_identifier_leads_to_it(record):
    people, works, known = record
    table = list(queries(people, works))
    assert len(table) >= 300
    places = {}
    for kind, query, what, wanted in table:
        found = (find_people if what == "person" else find_works)(query).ids[:5]
        places[kind, query] = found.index(wanted) + 1 if wanted in found else None
    lost = {query: place for query, place in places.items() if place != 1}
    first, among_five = (
        sum(place == 1 for place in places.values()) / len(places),
        sum(place is not None for place in places.values()) / len(places),
    )
    assert first >= 0.95, (first, lost)
    assert among_five >= 0.99, (among_five, {query: place for query, place in lost.items() if place is None})
    rng, client = Random(SEED), Client()
    forms = {
        "doi": ["{}", "https://doi.org/{}", "doi:{}", "http://dx.doi.org/{}"],
    }
    for scheme, value, work in rng.sample([item for item in known if item[0] in forms], EACH):
        response = client.get("/search/", {"q": rng.choice(forms[scheme]).format(value)})
        assert response["Location"] == Work.objects.get(pk=work).get_absolute_url(), value
