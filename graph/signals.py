"""What the graph announces, inside the transaction that changed it."""

from django.dispatch import Signal

# The collaborations of these authors were counted again. Sent with author_ids: list[int].
collaborations_counted = Signal()

# Somebody looks at a slice that has to be built. Sent with kind: str (see graph.models.BUILT) and subject_id: int.
slice_requested = Signal()

# Somebody looks at a large graph whose places have to be computed. Sent with key: str (see graph.models.Arrangement).
arrangement_requested = Signal()
