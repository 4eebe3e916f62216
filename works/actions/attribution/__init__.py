"""Attribution: which author each byline position is. works.matching decides; here rows become its facts and its answers become rows."""

from works.actions.attribution.owing import is_settling_owed, owe_blocks, owe_everything
from works.actions.attribution.settling import settle

__all__ = ["is_settling_owed", "owe_blocks", "owe_everything", "settle"]
