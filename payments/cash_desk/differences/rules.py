"""What may become of a box of cash that did not hold what was entered.

A shortage (短款) is made good by whoever took the cash or by the account holder; a surplus (长款) goes back to whom it
belongs to, or is kept until somebody claims it. Neither is ever income, an expense of the works, or a household's loss
(现金清查, 会计法 2024 §17).
"""

from enum import StrEnum

from kernel.errors import Invalid
from kernel.money import Fen


class DifferenceState(StrEnum):
    """Where a difference stands."""

    WAITING = "waiting"
    PROPOSED = "proposed"
    DECIDED = "decided"


class CashDecision(StrEnum):
    """What is decided about it."""

    REPAID = "repaid"
    BORNE = "borne"
    GIVEN_BACK = "given_back"
    KEPT = "kept"


OPEN = frozenset({DifferenceState.WAITING, DifferenceState.PROPOSED})
DECISION_WORDS = {
    CashDecision.REPAID: "短款：由收款员补足",
    CashDecision.BORNE: "短款：由收款单位补足",
    CashDecision.GIVEN_BACK: "长款：查明是谁多付的，退还给本人",
    CashDecision.KEPT: "长款：查不明是谁的，由收款单位保管，不作收入",
}
_OF_SHORTAGE = frozenset({CashDecision.REPAID, CashDecision.BORNE})


def offered(missing_fen: Fen) -> list[CashDecision]:
    """What may be decided: ``missing_fen`` > 0 was missing in the box, < 0 too much in it."""
    return [one for one in CashDecision if (one in _OF_SHORTAGE) == (missing_fen > 0)]


def must_fit(decision: CashDecision, missing_fen: Fen) -> None:
    """Raises ``Invalid`` for a decision about a surplus where money is missing, and the other way round."""
    if decision not in offered(missing_fen):
        what = "短款" if missing_fen > 0 else "长款"
        raise Invalid("decision-does-not-fit", f"这是{what}，请选{what}的处理办法。", {"decision": ["请另选。"]})
