"""What answers a signal: it marks what is owed and enqueues the work, nothing more."""
