"""Pages for staff: the queue, a case, the audit; and the figures that everybody may read."""
