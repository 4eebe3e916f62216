"""The index of words behind search. Derived data: works.actions.search keeps it, `manage.py rebuild_search` makes it anew.

Words are compared byte by byte (collation C), so that all words with one beginning are one range of an index.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from works.models.author import Author
from works.models.work import Work
from works.search import COMPLETED_UP_TO, TAKEN_APART

LONGEST_WORD = 100
LONGEST_WORDS = 400


class AuthorWord(models.Model):
    """A word of an author's name. The best-known bearers of a word stand first in the index, so that of fifty thousand people named Wang
    the first hundred are read and no others. `weight` is works.search.weight of the author's works; `words` are all words of the author's
    names, each after a space, so that the index alone tells who has the other words that were typed."""

    word = models.CharField(max_length=LONGEST_WORD, db_collation="C")
    weight = models.PositiveSmallIntegerField()
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="+", db_index=False)
    words = models.CharField(max_length=LONGEST_WORDS, default="", db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "word"], name="authorword_once_in_a_name")]
        indexes = [
            models.Index(
                models.F("word"), models.F("weight").desc(), models.F("author"), include=["words"], name="authorword_best_known_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.word} ({self.weight}): {self.author_id}"


class NameCompletion(models.Model):
    """The best-known authors in whose names a word begins so: at most ten, best known first."""

    beginning = models.CharField(max_length=COMPLETED_UP_TO, primary_key=True, db_collation="C")
    author_ids = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{self.beginning}…"


class Completion(models.Model):
    """What the search box suggests for one word that begins so, ready to be shown: people, works, topics, institutions and sources, each
    as works.models.completion reads it. A beginning that nothing has, or that was never made, has no row."""

    beginning = models.CharField(max_length=COMPLETED_UP_TO, primary_key=True, db_collation="C")
    answer = models.JSONField()

    def __str__(self) -> str:
        return f"{self.beginning}…"


class StaleBeginning(models.Model):
    """A beginning whose completion is owed. Rows are only added, as often as somebody finds it owed, so that no import waits for another;
    who makes the completion takes them all away. Triggers and works.actions.search write them."""

    beginning = models.CharField(max_length=COMPLETED_UP_TO, db_collation="C")

    class Meta:
        indexes = [models.Index(fields=["beginning"], name="stalebeginning_by_beginning")]

    def __str__(self) -> str:
        return f"{self.beginning}…"


class Word(models.Model):
    """A word that occurs in names or in titles, so that a misspelt one can be mended. Words are added and never taken away."""

    word = models.CharField(max_length=LONGEST_WORD, unique=True, db_collation="C")
    in_names = models.BooleanField(default=False)
    in_titles = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.word


class WordDeletion(models.Model):
    """What is left of a word when a letter is taken out of its beginning: see works.search.deletions."""

    left = models.CharField(max_length=TAKEN_APART, db_collation="C")
    word = models.ForeignKey(Word, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["left", "word"], name="worddeletion_stands_once")]

    def __str__(self) -> str:
        return self.left


class StaleName(models.Model):
    """An author whose words in the index are owed: written in the transaction that changed the name or the works."""

    author = models.OneToOneField(Author, primary_key=True, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return str(self.author_id)


class TitleWord(models.Model):
    """A word of a work's title, as Postgres' dictionary reduces it; the newest works that have a word stand first in the index, so that of
    a hundred thousand titles with "learning" the newest thousand are read and no others.

    `year` repeats the work's, 0 where it has none; `sketch` is works.search.sketch of its title, by which the index alone rules out most
    titles that lack another word. Nothing hangs on these rows, and the work itself is asked before it is shown: so no
    foreign key is checked for some eight rows a title.
    """

    pk = models.CompositePrimaryKey("work_id", "word")
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    word = models.CharField(max_length=LONGEST_WORD, db_collation="C")
    year = models.PositiveSmallIntegerField()
    sketch = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [
            models.Index(
                models.F("word"), models.F("year").desc(), models.F("work").desc(), include=["sketch"], name="titleword_newest_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.word} ({self.year}): {self.work_id}"


class StaleTitle(models.Model):
    """A work whose title the index owes a look. A trigger on the works writes it, in the transaction that adds the work or changes its
    title, its year, or what it was merged into."""

    work = models.OneToOneField(Work, primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False)

    def __str__(self) -> str:
        return str(self.work_id)
