"""Attacks on trust: what a ring of invented people gains, beside other ways to reckon trust. `make attacks` runs all of it."""
