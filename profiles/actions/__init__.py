"""Everything that people, and what is computed for people, write."""
