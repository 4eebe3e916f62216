"""What the record announces, in the past tense, inside the transaction that changed it."""

from django.dispatch import Signal

# The works of these authors changed: added, taken away, or different in year, byline, topics or affiliations.
# Sent with author_ids: list[int], sorted, each once.
authorships_changed = Signal()

# Somebody asked for an import. Sent with run_id: int.
import_requested = Signal()

# Somebody looked at works whose abstracts are not in the record. Sent with work_ids: list[int].
abstracts_missed = Signal()
