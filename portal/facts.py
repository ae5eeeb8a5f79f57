"""What the log is compared with: the kinds of rows that must not change unnoticed (``flask audit compare``)."""

import importlib

from kernel.audit import Fact

FACTS = [
    # one line a kind of row: "module:class"
    "kernel.grants.facts:GrantFact",
    "kernel.people.facts:TieFact",
    "surveys.questionnaires.facts:ResponseFact",
    "surveys.votes.facts:VoteFact",
    "surveys.votes.facts:BallotFact",
    "payments.facts:DepositFact",
    "payments.facts:ConfirmationFact",
    "payments.facts:PublicationFact",
]


def facts() -> list[Fact]:
    """All of them, imported now."""
    found = []
    for name in FACTS:
        module, _, kind = name.partition(":")
        found.append(getattr(importlib.import_module(module), kind)())
    return found
