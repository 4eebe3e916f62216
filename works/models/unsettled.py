"""What matching still owes: blocks of names that gained byline positions since they were last looked at whole."""

from django.db import models


class UnsettledBlock(models.Model):
    """Everybody whose name has this block is to be told apart anew (see works.matching). An import writes it, settling takes it away."""

    block = models.CharField(max_length=520, primary_key=True)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["since"], name="unsettledblock_oldest")]

    def __str__(self) -> str:
        return self.block
