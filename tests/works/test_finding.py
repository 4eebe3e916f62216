"""People and works are found by what somebody is likely to type, and the index of words follows the record."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from works.actions.search import index_names, index_titles, mark_names_stale, rebuild_search
from works.models import Author, AuthorWord, NameCompletion, TitleWord, Word, WordDeletion, Work
from works.models.finding import FOUND_AT_MOST, LOOKED_AT, Order, PeopleFilter, WorkFilter, find_people, find_works, matched_words
from works.names import fold, title_hash
from works.search import deletions, distance_allowed, weight

NAMES = {
    "Boxiao Liu": 2, "Bo Liu": 40, "Jürgen Müller": 7, "José García-Márquez": 3, "江常皓": 1, "J. Smith": 1, "Wei Wang": 300,
    "Xiaoming Wang": 5, "Annie Liu Wang": 9, "Mausam": 45,
}  # fmt: skip
TITLES = ["Meta Knowledge Distillation", "Knowledge Distillation: A Survey of Methods", "Rethinking Robust Representation Learning"]


def make_author(name, works, **fields):
    return Author.objects.create(public_id=f"a{Author.objects.count():07}", name=name, name_key=fold(name), works_count=works, **fields)


@pytest.fixture
def people(db):
    for name, works in NAMES.items():
        make_author(name, works)
    rebuild_search()


@pytest.fixture
def works(db):
    for number, title in enumerate(TITLES):
        key = fold(title)
        Work.objects.create(
            public_id=f"w{number:07}", type="article", title=title, title_key=key, title_hash=title_hash(key), year=2020 + number
        )
    rebuild_search()


def names(found):
    known = Author.objects.in_bulk(found.ids)
    return [known[author].name for author in found.ids]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Boxiao Liu", ["Boxiao Liu"]),
        ("liu boxiao", ["Boxiao Liu"]),
        ("liu", ["Bo Liu", "Annie Liu Wang", "Boxiao Liu"]),
        ("bo liu", ["Bo Liu", "Boxiao Liu"]),
        ("b. liu", ["Bo Liu", "Boxiao Liu"]),
        ("Jurgen Muller", ["Jürgen Müller"]),
        ("Garcia Marquez", ["José García-Márquez"]),
        ("江常皓", ["江常皓"]),
        ("mausam", ["Mausam"]),
        ("wang", ["Wei Wang", "Annie Liu Wang", "Xiaoming Wang"]),
    ],
)
def test_names_as_people_type_them(people, query, expected):
    assert names(find_people(query)) == expected


@pytest.mark.parametrize(
    ("query", "first", "mended"),
    [
        ("Boxaio Liu", "Boxiao Liu", (("boxaio", "boxiao"),)),
        ("Boxia0 Liu", "Boxiao Liu", (("boxia0", "boxiao"),)),
        ("Jurgen Muler", "Jürgen Müller", (("muler", "muller"),)),
        ("John Smith", "J. Smith", ()),
        ("Xiao Ming Wang", "Xiaoming Wang", (("ming", "xiaoming"),)),
        ("WeiWang", "Wei Wang", ()),
        ("Wi Wang", "Wei Wang", (("wi", "wei"),)),
        ("Annie Lu Wang", "Annie Liu Wang", (("lu", "liu"),)),
    ],
)
def test_slips_are_forgiven(people, query, first, mended):
    found = find_people(query)
    assert names(found)[0] == first
    assert found.mended == mended


@pytest.mark.parametrize("query", ["", "  ", "zzzz", "nobody wang", "%", "'", "\x00", "江", "🙂", "a" * 5000, "or & | !"])
def test_nobody_is_found_without_fuss(people, query):
    assert len(find_people(query).ids) <= 1


def test_only_people_with_the_topic(people):
    author = Author.objects.get(name="Bo Liu")
    Author.objects.filter(pk=author.pk).update(
        summary={"topics": [{"label": "Machine learning", "slug": "machine-learning-1", "works": 1}]}
    )
    assert find_people("liu", only=PeopleFilter(topic="machine-learning-1")).ids == (author.pk,)
    assert find_people("liu", only=PeopleFilter(topic='"}] or 1=1')).ids == ()


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("knowledge distillation", "Meta Knowledge Distillation"),
        ("meta knowledge distillation", "Meta Knowledge Distillation"),
        ("survey distilling", "Knowledge Distillation: A Survey of Methods"),
        ("knowlege distilation survey", "Knowledge Distillation: A Survey of Methods"),
        ("knowlege distillation a survey of mthods", "Knowledge Distillation: A Survey of Methods"),
        ("rethinking robst", "Rethinking Robust Representation Learning"),
    ],
)
def test_titles_as_people_type_them(works, query, first):
    assert Work.objects.get(pk=find_works(query).ids[0]).title == first


@pytest.mark.parametrize("query", ["", "the", "zzzz", "a:b & !c | (", "\x00", "''"])
def test_no_title_is_found_without_fuss(works, query):
    assert find_works(query).ids == ()


def index():
    return (
        set(AuthorWord.objects.values_list("author", "word", "weight")),
        {row.beginning: row.author_ids for row in NameCompletion.objects.all()},
        set(Word.objects.filter(in_names=True).values_list("word", flat=True)),
        set(WordDeletion.objects.values_list("left", "word__word")),
    )


def test_the_index_that_was_kept_is_the_one_made_anew(db):
    kept = [make_author(name, works) for name, works in NAMES.items()]
    mark_names_stale(author_ids=[author.pk for author in kept])
    assert index_names(at_most=4) == 4
    while index_names():
        pass
    Author.objects.filter(name="Bo Liu").update(works_count=900)
    Author.objects.filter(name="Mausam").update(works_count=0)
    Author.objects.filter(name="Wei Wang").update(name="Wei-Ling Wang", name_key="wei ling wang")
    newcomer = make_author("Lin Wangari", 2)
    absorbed = make_author("W. L. Wang", 0, merged_into=Author.objects.get(name_key="wei ling wang"))
    mark_names_stale(author_ids=[*(author.pk for author in kept), newcomer.pk, absorbed.pk])
    assert index_names() > 0
    incremental = index()
    rebuild_search()
    rebuilt = index()
    assert incremental[:2] == rebuilt[:2]
    assert rebuilt[2] <= incremental[2]  # words are never unlearnt but by a rebuild


def test_the_former_name_of_a_merged_record_leads_to_the_one_that_stays(people):
    make_author("W. L. Wang-Chen", 0, merged_into=Author.objects.get(name="Wei Wang"))
    rebuild_search()
    assert names(find_people("wang chen")) == ["Wei Wang"]


def test_the_other_names_of_a_person_lead_to_them(people):
    Author.objects.filter(name="Wei Wang").update(other_keys="wilhelmina wang\nlina krause")
    rebuild_search()
    assert names(find_people("wilhelmina")) == names(find_people("krause lina")) == ["Wei Wang"]


def test_titles_are_learnt_once(works):
    assert index_titles() == 0
    Work.objects.create(public_id="w9", type="article", title="Zebrafish", title_key="zebrafish", title_hash=title_hash("zebrafish"))
    assert (index_titles(), index_titles()) == (1, 0)
    assert Work.objects.get(pk=find_works("zebrafsh").ids[0]).title == "Zebrafish"


def test_names_are_found_before_they_are_indexed(db):
    make_author("Boxiao Liu", 2)
    assert names(find_people("boxiao")) == ["Boxiao Liu"]


def test_deletions_in_postgres_are_those_of_the_pure_module(people):
    for word in Word.objects.all():
        assert set(WordDeletion.objects.filter(word=word).values_list("left", flat=True)) == deletions(word.word), word.word


def test_weights_in_postgres_are_those_of_the_pure_module(db):
    for number, works in enumerate((1, 2, 3, 4, 7, 8, 1023, 1024, 5000)):
        make_author(f"name{number}", works)
    rebuild_search()
    assert all(row.weight == weight(row.author.works_count) for row in AuthorWord.objects.select_related("author"))


@given(st.text(alphabet="abcde", min_size=4, max_size=12), st.data())
@settings(max_examples=300)
def test_one_slip_leaves_a_common_deletion(word, data):
    place = data.draw(st.integers(0, min(len(word), 7) - 1))
    slip = data.draw(
        st.sampled_from([word[:place] + word[place + 1 :], word[:place] + "x" + word[place:], word[:place] + "x" + word[place + 1 :]])
    )
    if len(slip) >= 4 and OSA.distance(word, slip) <= distance_allowed(word):
        assert deletions(word) & deletions(slip)


@pytest.mark.parametrize("number", [1, 40])
def test_a_search_costs_the_same_for_few_and_for_many(db, django_assert_num_queries, number):
    for count in range(number):
        make_author(f"Annie Liu {chr(97 + count % 26)}", count + 1)
    rebuild_search()
    with django_assert_num_queries(2):
        find_people("annie liu")
    assert connection.queries_limit


def test_titles_are_narrowed_and_ordered(works):
    newest, oldest = (find_works("knowledge distillation", order=order).ids for order in (Order.NEWEST, Order.OLDEST))
    assert newest == oldest[::-1]
    assert len(newest) == 2
    assert find_works("knowledge", only=WorkFilter(year=2021)).ids == newest[:1]
    assert find_works("knowledge", only=WorkFilter(type="book")).ids == ()
    assert find_works("knowledge", only=WorkFilter(topic=1, source=1)).ids == ()


def test_the_words_that_a_list_marks_are_those_that_postgres_matched(db):
    assert matched_words("distilling the knowledge", TITLES) == {"distillation", "knowledge"}


def test_a_title_follows_its_work_into_the_index(works):
    work = Work.objects.get(title=TITLES[0])
    Work.objects.filter(pk=work.pk).update(title_key="zebras", year=1999)
    assert TitleWord.objects.filter(work=work, word="knowledg").exists()
    assert index_titles() == 1
    assert list(TitleWord.objects.filter(work=work).values_list("word", "year")) == [("zebra", 1999)]
    other = Work.objects.get(title=TITLES[1])
    Work.objects.filter(pk=work.pk).update(merged_into=other)
    Work.objects.filter(pk=other.pk).update(abstract="says nothing of the title")
    assert (index_titles(), TitleWord.objects.filter(work=work).count()) == (1, 0)


def test_a_common_word_is_looked_for_among_the_newest_titles(db):
    Work.objects.bulk_create(
        Work(public_id=f"c{n}", type="article", title=f"Learning {n}", title_key=f"learning {n}", title_hash=n, year=1900 + n % 120)
        for n in range(LOOKED_AT + 500)
    )
    rebuild_search()
    found = find_works("learning")
    assert found.is_capped
    assert len(found.ids) == FOUND_AT_MOST
    assert set(found.ids) <= set(Work.objects.order_by("-year", "-pk").values_list("pk", flat=True)[: LOOKED_AT + 1])
    assert find_works("learning", order=Order.OLDEST).ids[0] == Work.objects.order_by("year", "pk")[0].pk
    assert Work.objects.get(pk=find_works("learning 17").ids[0]).title == "Learning 17"
