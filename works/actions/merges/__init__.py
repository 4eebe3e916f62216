"""Merging and splitting authors and works: by people, previewed, journalled row by row, and undone within the interface."""

from works.actions.merges.authors import merge_authors, split_author
from works.actions.merges.parties import MergeRefused
from works.actions.merges.preview import preview_author_merge, preview_work_merge
from works.actions.merges.undo import undo_merge
from works.actions.merges.works import merge_works, split_work

__all__ = [
    "MergeRefused",
    "merge_authors",
    "merge_works",
    "preview_author_merge",
    "preview_work_merge",
    "split_author",
    "split_work",
    "undo_merge",
]
