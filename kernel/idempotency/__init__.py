"""Told twice, it counts once: the same key gives the same effect, the same status and the same resource."""

from kernel.idempotency.models import IdempotencyRow
from kernel.idempotency.services import Key, claim, forget_old, recall, remember

__all__ = ["IdempotencyRow", "Key", "claim", "forget_old", "recall", "remember"]
