"""The public record as files: written in one snapshot, read into an empty database."""

from works.actions.dumps.restoring import RestoreRefused, restore_record
from works.actions.dumps.writing import DumpRefused, dump_record

__all__ = ["DumpRefused", "RestoreRefused", "dump_record", "restore_record"]
