"""Ground floor: the scholarly record, as the world's registries tell it."""
