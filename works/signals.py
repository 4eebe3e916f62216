"""What the record announces, in the past tense, inside the transaction that changed it."""

from django.dispatch import Signal

# The works of these authors changed: added, taken away, or different in year, byline, topics or affiliations.
# Sent with author_ids: list[int], sorted, each once.
authorships_changed = Signal()

# Workers changed what stands on these shelves of topics, institutions and sources. Sent with shelf_ids: list[int], sorted, each once.
shelves_changed = Signal()

# Somebody asked for an import. Sent with run_id: int.
import_requested = Signal()

# Somebody looked at works whose abstracts are not in the record. Sent with work_ids: list[int].
abstracts_missed = Signal()

# A person confirmed, denied or took back byline positions. Sent with author_ids and work_ids: list[int], sorted, each once.
authorships_decided = Signal()

# A reader doubts a place in the record of an author whose page is claimed. Sent with correction_id: int.
correction_reported = Signal()

# People merged author records. Sent with merge_id, winner_id: int, loser_ids: list[int], whose pages are redirects from now on.
authors_merged = Signal()

# Matching found that authors without a place left are others of the record. Sent with redirects: dict[int, int], from each to who it is.
authors_redirected = Signal()

# People gave some of an author's places to a new author. Sent with merge_id, author_id, new_id: int.
author_split = Signal()

# A registry united institutions or sources: what hangs on those that go must hang on what they became when the transaction ends.
# Sent with kind: a value of works.models.Shelf.Kind, former: dict[int, int], from each that goes to one that stays.
subjects_united = Signal()

# People merged works. Sent with merge_id, winner_id: int, loser_ids: list[int], whose pages are redirects from now on.
works_merged = Signal()

# People gave some of a work's registry records to a new work. Sent with merge_id, work_id, new_id: int.
work_split = Signal()

# A merge or a split was undone: its rows stand again as before. Sent with merge_id: int and kind: a value of works.models.Merge.Kind.
merge_undone = Signal()

# An author objected to a page: it is gone for good. Sent with author_ids: list[int] (with redirects to it), public_id: str.
author_suppressed = Signal()
