"""The audit chain: what was changed, and who looked at personal data; nobody can rewrite it unnoticed.

Writers add ``audit_entry`` rows in their own transactions and never wait for each other. One sequencer a city (in the
job pump) gives every entry that has no seal yet its place in the chain, in ``audit_seal``. Signed checkpoints of the
chain's head are sent out, so that a cut or rewritten chain is noticed outside our machine.
"""

from kernel.audit.comparing import Comparison, Fact, Told, compare
from kernel.audit.queries import subjects_of
from kernel.audit.services import (
    Finding,
    checkpoint,
    configure,
    look,
    record,
    seal_new_entries,
    sealed_position,
    verify,
)

__all__ = [
    "Comparison",
    "Fact",
    "Finding",
    "Told",
    "checkpoint",
    "compare",
    "configure",
    "look",
    "record",
    "seal_new_entries",
    "sealed_position",
    "subjects_of",
    "verify",
]
