"""Faults, with real processes: what is killed, stopped, cut off or filled up while the site works, and what must hold afterwards.

`python -m tests.faults` (`make faults`) starts a Postgres and two Redis servers of its own, and runs the files fault_*.py. `make test`
collects test_*.py only: a short part, with a fixed seed, in a process of its own.
"""
