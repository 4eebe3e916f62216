"""What people's pages announce, in the past tense, inside the transaction that changed them."""

from django.dispatch import Signal

# The trust of these authors is another than before. Sent with author_ids: list[int], sorted.
trust_computed = Signal()
