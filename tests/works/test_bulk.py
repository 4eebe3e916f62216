"""Tables that are filled from the start and take the place of others."""

import pytest
from django.db import IntegrityError, connection, transaction

from graph.models import Collaboration
from tests.factories.works import make_author
from works.actions.bulk import made_anew, use_more_memory
from works.models import AuthorWord

TABLES = ("graph_collaboration", "works_authorword", "works_titleword", "works_shelvedwork", "works_shelvedperson")
SHAPE = """
    SELECT 'index', indexname, indexdef FROM pg_indexes WHERE tablename = %(table)s
    UNION ALL
    SELECT contype::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %(table)s::regclass AND contype <> 'n'
    UNION ALL
    SELECT column_name, data_type || coalesce(collation_name, ''), concat_ws(' ', is_nullable, column_default, identity_generation)
    FROM information_schema.columns WHERE table_name = %(table)s
    UNION ALL
    SELECT 'sequence', pg_get_serial_sequence(%(table)s, column_name), '' FROM information_schema.columns
    WHERE table_name = %(table)s AND is_identity = 'YES'
    ORDER BY 1, 2, 3
"""


def ask(statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.django_db
@pytest.mark.parametrize("table", TABLES)
def test_a_table_made_anew_has_the_shape_of_the_one_before(table):
    before = ask(SHAPE, {"table": table})
    assert {kind for kind, *_ in before} >= {"index", "p"}
    with made_anew(table) as [anew]:
        assert not [row for row in ask(SHAPE, {"table": anew.name}) if row[0] == "index"]
    assert ask(SHAPE, {"table": table}) == before


@pytest.mark.django_db
def test_the_old_rows_stand_until_the_end_and_ids_go_on_from_the_new_ones():
    one, other, third = (make_author(name) for name in ("One", "Other", "Third"))
    Collaboration.objects.create(author_a=one, author_b=other, works_count=1, strength_units=1)
    with made_anew("graph_collaboration") as [anew]:
        ask(f"INSERT INTO {anew.name} (author_a_id, author_b_id, works_count, strength_units) VALUES (%s, %s, 7, 7)", [one.pk, third.pk])
        anew.index()
        assert Collaboration.objects.values_list("author_b", "works_count").get() == (other.pk, 1)
    assert Collaboration.objects.values_list("author_b", "works_count").get() == (third.pk, 7)
    later = Collaboration.objects.create(author_a=one, author_b=other, works_count=1, strength_units=1)
    assert later.pk > Collaboration.objects.get(author_b=third).pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    ["(%(author)s, 'a', 1), (%(author)s, 'a', 2)", "(%(author)s + 1000, 'a', 1)"],
    ids=["a key that stands twice", "nobody's word"],
)
def test_rows_that_break_a_constraint_leave_the_table_as_it_was(values):
    author = make_author("Ann")
    AuthorWord.objects.create(author=author, word="ann", weight=1)
    with pytest.raises(IntegrityError), transaction.atomic(), made_anew("works_authorword") as [anew]:
        ask(f"INSERT INTO {anew.name} (author_id, word, weight) VALUES {values}", {"author": author.pk})
    assert AuthorWord.objects.values_list("word", flat=True).get() == "ann"


@pytest.mark.django_db(transaction=True)
def test_more_memory_lasts_as_long_as_the_transaction_and_is_never_less():
    ask("SET work_mem = '1MB'")
    ask("SET maintenance_work_mem = '1GB'")
    with transaction.atomic():
        use_more_memory()
        assert ask("SELECT current_setting('work_mem'), current_setting('maintenance_work_mem')") == [("256MB", "1GB")]
    assert ask("SELECT current_setting('work_mem')") == [("1MB",)]
    ask("RESET ALL")
