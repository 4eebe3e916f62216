"""One file a source. Each turns what its registry answers into the frozen records of `record.py`, and nothing else."""
