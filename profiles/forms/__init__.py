"""What people may type about themselves and others: one module for each thing."""
