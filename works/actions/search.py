"""Keeping the index of words: for the authors that are owed it, or for everybody."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction

from works.actions.bulk import made_anew, use_more_memory
from works.models.completion import ANSWERS, SHORTEST_IN_A_TITLE, asked_for, is_kept
from works.models.search import LONGEST_WORD, LONGEST_WORDS
from works.search import COMPLETED_UP_TO, COMPLETIONS, SHORTEST_TO_MEND, SKETCH_IN_SQL, TAKEN_APART

AT_ONCE = 2_000
BEGINNINGS_AT_ONCE = 1_000
INDEXES = ("works_authorword", "works_completion", "works_namecompletion", "works_titleword", "works_word", "works_worddeletion")
INDEX_LOCK = 5_317_002  # advisory: one worker writes the index, so that completions are never lost between two

# An author's words with their weight: works.search.weight, as bits of the number of works. The names of authors who were merged into
# another lead to that one, and so do a person's other names. `{these}` narrows to some authors.
WORDS_OF_AUTHORS = f"""
    SELECT author_id, word, weight, left(string_agg(' ' || word, '') OVER whole, {LONGEST_WORDS}) AS words FROM (
        SELECT DISTINCT id AS author_id, left(word, {LONGEST_WORD}) COLLATE "C" AS word,
            length(ltrim(works_count::bit(32)::text, '0'))::smallint AS weight
        FROM (
            SELECT id, works_count, concat_ws(' ', name_key, translate(other_keys, E'\n', ' ')) AS name_key FROM works_author
            UNION ALL
            SELECT own.id, own.works_count, absorbed.name_key
            FROM works_author absorbed JOIN works_author own ON own.id = absorbed.merged_into_id
        ) AS named, unnest(string_to_array(name_key, ' ')) AS word
        WHERE works_count > 0 AND word <> '' AND {{these}}
    ) AS one
    WINDOW whole AS (PARTITION BY author_id ORDER BY word ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
"""
WRITE_WORDS = f"""
    WITH wanted AS MATERIALIZED ({WORDS_OF_AUTHORS.format(these="id = ANY(%(ids)s)")}),
    gone AS (
        DELETE FROM works_authorword w WHERE author_id = ANY(%(ids)s)
            AND NOT EXISTS (SELECT FROM wanted n WHERE n.author_id = w.author_id AND n.word = w.word)
        RETURNING author_id, word
    ),
    written AS (
        INSERT INTO works_authorword AS w (author_id, word, weight, words) SELECT author_id, word, weight, words FROM wanted ORDER BY 1, 2
        ON CONFLICT (author_id, word) DO UPDATE SET weight = excluded.weight, words = excluded.words
        WHERE (w.weight, w.words) <> (excluded.weight, excluded.words)
        RETURNING author_id, word
    )
    SELECT author_id, word FROM gone UNION ALL SELECT author_id, word FROM written
"""
# The ten best known of who stood there and who has changed. Where somebody left a full list, the eleventh is not looked for: whoever
# searches finds them all the same, and rebuild_search puts them in.
COMPLETE = f"""
    WITH touched AS (
        SELECT DISTINCT left(word, length) COLLATE "C" AS beginning
        FROM unnest(%(words)s::text[]) AS word, generate_series(1, {COMPLETED_UP_TO}) AS length WHERE length <= length(word)
    ),
    candidates AS (
        SELECT beginning, unnest(author_ids) AS author_id FROM works_namecompletion JOIN touched USING (beginning)
        UNION
        SELECT beginning, author_id FROM unnest(%(words)s::text[], %(authors)s::bigint[]) AS changed (word, author_id)
        JOIN touched ON starts_with(word, beginning)
    ),
    ranked AS (
        SELECT beginning, w.author_id, max(w.weight) AS weight,
            row_number() OVER (PARTITION BY beginning ORDER BY max(w.weight) DESC, w.author_id) AS place
        FROM candidates c JOIN works_authorword w ON w.author_id = c.author_id AND starts_with(w.word, c.beginning)
        GROUP BY beginning, w.author_id
    ),
    listed AS (
        SELECT beginning, array_agg(author_id ORDER BY place) AS author_ids FROM ranked WHERE place <= {COMPLETIONS} GROUP BY beginning
    ),
    emptied AS (
        DELETE FROM works_namecompletion n USING touched t
        WHERE n.beginning = t.beginning AND NOT EXISTS (SELECT FROM listed l WHERE l.beginning = n.beginning)
    )
    INSERT INTO works_namecompletion AS n (beginning, author_ids) SELECT beginning, author_ids FROM listed ORDER BY beginning
    ON CONFLICT (beginning) DO UPDATE SET author_ids = excluded.author_ids WHERE n.author_ids <> excluded.author_ids
"""
COMPLETE_ALL = f"""
    INSERT INTO works_namecompletion (beginning, author_ids)
    SELECT beginning, array_agg(author_id ORDER BY place) FROM (
        SELECT left(word, length) AS beginning, author_id,
            row_number() OVER (PARTITION BY left(word, length) ORDER BY max(weight) DESC, author_id) AS place
        FROM {{words}}, generate_series(1, {COMPLETED_UP_TO}) AS length WHERE length <= length(word)
        GROUP BY left(word, length), author_id
    ) AS ranked WHERE place <= {COMPLETIONS} GROUP BY beginning
"""
# What the box suggests is owed wherever one of these authors is listed, and wherever one of their words came, went or weighs otherwise.
OWE_NAMES = f"""
    INSERT INTO works_stalebeginning (beginning)
    SELECT left(word, length) COLLATE "C" FROM unnest(%(words)s::text[]) AS word, generate_series(1, {COMPLETED_UP_TO}) AS length
    WHERE length <= length(word)
    UNION
    SELECT n.beginning FROM works_authorword w, generate_series(1, {COMPLETED_UP_TO}) AS length, works_namecompletion n
    WHERE w.author_id = ANY(%(ids)s) AND length <= length(w.word) AND n.beginning = left(w.word, length) COLLATE "C"
        AND w.author_id = ANY(n.author_ids)
"""
OWE_TITLES = f"""
    INSERT INTO works_stalebeginning (beginning)
    SELECT DISTINCT left(word, length) FROM works_work w, unnest(string_to_array(w.title_key, ' ')) AS word,
        generate_series({SHORTEST_IN_A_TITLE}, {COMPLETED_UP_TO}) AS length
    WHERE w.id = ANY(%(ids)s) AND length <= length(word) AND word !~ '[0-9]'
"""
OWE_ALL = f"""
    INSERT INTO works_stalebeginning (beginning)
    SELECT beginning FROM works_namecompletion
    UNION
    SELECT left(word, length) COLLATE "C" FROM works_word, generate_series({SHORTEST_IN_A_TITLE}, {COMPLETED_UP_TO}) AS length
    WHERE in_titles AND length <= length(word)
"""
OWE_ALL_OTHERS = """
    SELECT works_owe_beginnings(ARRAY(
        SELECT label FROM works_topic UNION ALL SELECT name_key FROM works_source
        UNION ALL SELECT name_key FROM works_institution UNION ALL SELECT name_key FROM works_institutionname
    ))
"""
WRITE_COMPLETIONS = f"""
    WITH made (beginning, answer) AS MATERIALIZED ({ANSWERS}),
    emptied AS (DELETE FROM works_completion c USING made WHERE c.beginning = made.beginning COLLATE "C" AND made.answer IS NULL)
    INSERT INTO works_completion AS c (beginning, answer) SELECT beginning, answer FROM made WHERE answer IS NOT NULL ORDER BY 1
    ON CONFLICT (beginning) DO UPDATE SET answer = excluded.answer WHERE c.answer <> excluded.answer
"""
# The words of titles and of names go into one vocabulary; what is new there is taken apart (works.search.deletions). Another number is
# no misspelling: numbers would be most of the words of a large record.
LEARN = f"""
    WITH learnt AS (
        INSERT INTO works_word AS w (word, in_names, in_titles)
        SELECT DISTINCT left(word, {LONGEST_WORD}) COLLATE "C", {{in_names}}, {{in_titles}}
        FROM {{words}} WHERE length(word) >= {SHORTEST_TO_MEND} AND word !~ '[0-9]' ORDER BY 1
        ON CONFLICT (word) DO UPDATE SET {{column}} = TRUE WHERE NOT w.{{column}}
        RETURNING id, left(word, {TAKEN_APART}) AS start
    )
    INSERT INTO works_worddeletion ("left", word_id)
    SELECT DISTINCT CASE WHEN place = 0 THEN start ELSE overlay(start PLACING '' FROM place FOR 1) END, id
    FROM learnt, generate_series(0, length(start)) AS place
    ON CONFLICT ("left", word_id) DO NOTHING
"""
IN_TITLES = {"in_names": "FALSE", "in_titles": "TRUE", "column": "in_titles"}
LEARN_NAMES = LEARN.format(words="unnest(%(words)s::text[]) AS word", in_names="TRUE", in_titles="FALSE", column="in_names")
LEARN_ALL_NAMES = LEARN.format(words="{words}", in_names="TRUE", in_titles="FALSE", column="in_names")
TITLES = "works_work w, unnest(string_to_array(w.title_key, ' ')) AS word"
LEARN_TITLES = LEARN.format(words=f"(SELECT word FROM {TITLES} WHERE w.id = ANY(%(ids)s)) AS t", **IN_TITLES)
LEARN_ALL_TITLES = LEARN.format(words=f"(SELECT word FROM {TITLES}) AS t", **IN_TITLES)
# The words of titles as the dictionary reduces them, with the year; a work that was merged into another has none.
WORDS_OF_TITLES = f"""
    SELECT w.id AS work_id, word COLLATE "C" AS word, coalesce(w.year, 0) AS year, sketch
    FROM works_work w CROSS JOIN LATERAL {SKETCH_IN_SQL.format(key="w.title_key")} AS drawn (sketch),
        unnest(tsvector_to_array(w.title_search)) AS word
    WHERE w.merged_into_id IS NULL AND length(word) <= {LONGEST_WORD}
"""
WRITE_TITLE_WORDS = f"""
    WITH wanted AS MATERIALIZED ({WORDS_OF_TITLES} AND w.id = ANY(%(ids)s)),
    gone AS (
        DELETE FROM works_titleword t WHERE work_id = ANY(%(ids)s)
            AND NOT EXISTS (SELECT FROM wanted n WHERE n.work_id = t.work_id AND n.word = t.word)
    )
    INSERT INTO works_titleword AS t (work_id, word, year, sketch) SELECT work_id, word, year, sketch FROM wanted ORDER BY 2, 1
    ON CONFLICT (work_id, word) DO UPDATE SET year = excluded.year, sketch = excluded.sketch
    WHERE (t.year, t.sketch) <> (excluded.year, excluded.sketch)
"""


def mark_names_stale(*, author_ids: Collection[int]) -> None:
    """Note that the index owes these authors a look. One statement.

    A mark that stands already is written again: so it is locked, and no worker takes it away before this transaction has ended.
    """
    run(
        """
        INSERT INTO works_stalename (author_id) SELECT id FROM works_author WHERE id = ANY(%s) ORDER BY id
        ON CONFLICT (author_id) DO UPDATE SET author_id = excluded.author_id
        """,
        [sorted(author_ids)],
    )


def index_names(*, at_most: int = AT_ONCE) -> int:
    """Bring the words and completions of stale authors up to date; how many were owed. Five statements, whatever the number."""
    with transaction.atomic():
        if not is_ours():
            return 0
        ids = [
            author
            for (author,) in run(
                """
                DELETE FROM works_stalename WHERE author_id IN (
                    SELECT author_id FROM works_stalename ORDER BY author_id LIMIT %s FOR UPDATE SKIP LOCKED
                ) RETURNING author_id
                """,
                [at_most],
            )
        ]
        if not ids:
            return 0
        changed = run(WRITE_WORDS, {"ids": ids})
        if changed:
            given = {"authors": [author for author, _ in changed], "words": [word for _, word in changed]}
            run(COMPLETE, given)
            run(LEARN_NAMES, given)
        run(OWE_NAMES, {"ids": ids, "words": sorted({word for _, word in changed})})
        return len(ids)


def index_titles(*, at_most: int = AT_ONCE) -> int:
    """Bring the words of stale titles up to date; how many were owed. Five statements, whatever the number."""
    with transaction.atomic():
        if not is_ours():
            return 0
        ids = [
            work
            for (work,) in run(
                """
                DELETE FROM works_staletitle WHERE work_id IN (
                    SELECT work_id FROM works_staletitle ORDER BY work_id LIMIT %s FOR UPDATE SKIP LOCKED
                ) RETURNING work_id
                """,
                [at_most],
            )
        ]
        if ids:
            run(WRITE_TITLE_WORDS, {"ids": ids})
            run(LEARN_TITLES, {"ids": ids})
            run(OWE_TITLES, {"ids": ids})
        return len(ids)


def make_completions(*, at_most: int = BEGINNINGS_AT_ONCE) -> int:
    """Make anew what the box suggests for beginnings that are owed; how many were. Three statements, some hundred index entries for each.

    An owed beginning has its former answer until then.
    """
    with transaction.atomic():
        if not is_ours():
            return 0
        owed = {
            beginning
            for (beginning,) in run(
                """
                DELETE FROM works_stalebeginning WHERE id IN (
                    SELECT id FROM works_stalebeginning ORDER BY beginning LIMIT %s FOR UPDATE SKIP LOCKED
                ) RETURNING beginning
                """,
                [at_most],
            )
        }
        if kept := sorted(filter(is_kept, owed)):
            run(WRITE_COMPLETIONS, asked_for(kept))
        return len(owed)


def forget_completions(*, author_ids: Collection[int]) -> None:
    """Take away, in the caller's transaction, every stored answer that may show one of these authors. Two statements."""
    run("SELECT pg_advisory_xact_lock(%s)", [INDEX_LOCK])
    run(
        f"""
        DELETE FROM works_completion c USING works_authorword w, generate_series(1, {COMPLETED_UP_TO}) AS length
        WHERE w.author_id = ANY(%s) AND length <= length(w.word) AND c.beginning = left(w.word, length) COLLATE "C"
        """,
        [list(author_ids)],
    )


def rebuild_search() -> int:
    """Throw the index away and make it anew from names and titles; how many words the names have."""
    with transaction.atomic():
        run("SELECT pg_advisory_xact_lock(%s)", [INDEX_LOCK])
        run("SET CONSTRAINTS ALL IMMEDIATE")  # no table is emptied while checks of its rows are put off
        run("TRUNCATE works_completion, works_namecompletion, works_word, works_worddeletion")
        run("TRUNCATE works_stalebeginning, works_stalename, works_staletitle")
        use_more_memory()
        with made_anew("works_authorword", "works_titleword") as [names, titles]:
            run(f"INSERT INTO {names.name} (author_id, word, weight, words) {WORDS_OF_AUTHORS.format(these='TRUE')} ORDER BY 2, 3 DESC, 1")
            run(f"INSERT INTO {titles.name} (work_id, word, year, sketch) {WORDS_OF_TITLES} ORDER BY 2, 3 DESC, 1 DESC")
            run(COMPLETE_ALL.format(words=names.name))
            run(LEARN_ALL_NAMES.format(words=names.name))
            run(LEARN_ALL_TITLES)
        run(OWE_ALL)
        run(OWE_ALL_OTHERS)
        [(words,)] = run("SELECT count(*) FROM works_authorword")
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(INDEXES)}")
    while make_completions():
        pass
    return int(words)


def is_ours() -> bool:
    """Whether this transaction may write the index; if not, another worker is at it and will find what is owed."""
    return bool(run("SELECT pg_try_advisory_xact_lock(%s)", [INDEX_LOCK])[0][0])


def run(statement: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    """The rows of a statement, if it gives any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
