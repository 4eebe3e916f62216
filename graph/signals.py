"""What the graph announces, inside the transaction that changed it."""

from django.dispatch import Signal

# The collaborations of these authors were counted again. Sent with author_ids: list[int].
collaborations_counted = Signal()

# Somebody looks at an author's slice that has to be built. Sent with author_id: int.
slice_requested = Signal()
