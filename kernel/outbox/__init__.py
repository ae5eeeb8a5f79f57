"""News that must travel: staged in the transaction that makes it true, delivered at least once afterwards."""

from kernel.outbox.models import OutboxRow
from kernel.outbox.services import Handler, counts, deliver_due, stage

__all__ = ["Handler", "OutboxRow", "counts", "deliver_due", "stage"]
