"""Trust, computed from rows: for the authors that are owed it, or for everybody.

`marks` notes who is owed it, `computing` pays, `vouchings` derives who lifts whom from what people confirmed, `spreading` marks whoever
depends on what has changed.
"""

from profiles.actions.trust.computing import compute_stale, compute_trust, rebuild_trust
from profiles.actions.trust.marks import is_trust_owed, mark_overnight, mark_trust_stale
from profiles.actions.trust.vouchings import refresh_vouchings

__all__ = ["compute_stale", "compute_trust", "is_trust_owed", "mark_overnight", "mark_trust_stale", "rebuild_trust", "refresh_vouchings"]
