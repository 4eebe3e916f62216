"""From parsed records to rows. `runs` is what everybody else calls; `batch` decides, `rows` writes."""

from works.actions.imports.runs import ImportImpossible, is_under_way, open_run, request_import, run_import

__all__ = ["ImportImpossible", "is_under_way", "open_run", "request_import", "run_import"]
