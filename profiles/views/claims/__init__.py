"""Pages about claims. A claim is shown to its claimant alone; to everybody else its address does not exist."""
