"""Middle floor: what can be computed from the record. All of it can be truncated and rebuilt."""
