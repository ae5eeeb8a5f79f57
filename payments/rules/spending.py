"""A payment out of the account: who signs when, what is left of a budget item, what may still be undone.

Two or three signatories (DOMAIN §3.5): somebody of the group, the community or the street asks, with three another of
them co-signs, the street approves; a cashier executes. Nobody signs twice, and who asked never approves. What was
approved counts against its budget item from that moment on. A mistake is reversed by two people, never edited.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum

from kernel.errors import Conflict, Invalid, NotAllowed
from kernel.masks import mask_name
from kernel.money import Fen, yuan_text


class SpendingState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    COSIGNED = "cosigned"
    APPROVED = "approved"
    PAID = "paid"
    REVERSED = "reversed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class SignedAs(StrEnum):
    """What a signature is."""

    MAKER = "maker"
    COSIGNER = "cosigner"
    APPROVER = "approver"


S = SpendingState
MOVES: dict[S, frozenset[S]] = {
    S.ASKED: frozenset({S.COSIGNED, S.APPROVED, S.REFUSED, S.WITHDRAWN}),
    S.COSIGNED: frozenset({S.APPROVED, S.REFUSED, S.WITHDRAWN}),
    S.APPROVED: frozenset({S.PAID, S.REFUSED}),
    S.PAID: frozenset({S.REVERSED}),
    S.REVERSED: frozenset(),
    S.REFUSED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
COMMITTED = frozenset({S.APPROVED, S.PAID})
"""What counts against a budget item."""
SIGNATORIES = (2, 3)

SPENDING_WORDS = {
    S.ASKED: ("待签", "todo"),
    S.COSIGNED: ("待街道核准", "todo"),
    S.APPROVED: ("待付款", "wait"),
    S.PAID: ("已付", "ok"),
    S.REVERSED: ("已冲正", ""),
    S.REFUSED: ("未核准", ""),
    S.WITHDRAWN: ("已撤回", ""),
}


def moved(state: S, to: S) -> S:
    """Return ``to`` when the table allows it; else ``Conflict``: somebody was quicker."""
    if to not in MOVES[state]:
        raise Conflict("spending-moved-on", "这笔付款申请已经有人处理过了。请刷新页面。")
    return to


def must_not_have_signed(person: int, signed: Collection[int]) -> None:
    """Raises ``NotAllowed`` for whoever signed before: maker is never checker."""
    if person in signed:
        raise NotAllowed("already-signed", "这笔您已经签过，要由另一位来签。")


def waits_for_street(state: S, signatories: int) -> bool:
    """Is the street's approval the next signature?"""
    return state is (S.ASKED if signatories == SIGNATORIES[0] else S.COSIGNED)


def must_wait_for_street(state: S, signatories: int) -> None:
    """Raises ``Conflict`` unless everybody before has signed."""
    if state in {S.ASKED, S.COSIGNED} and not waits_for_street(state, signatories):
        raise Conflict("cosigner-first", "按约定要三方签字：先由自管小组或社区的另一位会签，街道再核准。")
    moved(state, S.APPROVED)


def committed(amounts: Iterable[tuple[S, Fen]]) -> Fen:
    """What of an item is approved or paid."""
    return sum(fen for state, fen in amounts if state in COMMITTED)


def must_fit(amount_fen: Fen, budget_fen: Fen, committed_fen: Fen) -> None:
    """Raises ``Conflict`` when an item would be spent beyond its budget."""
    left = max(0, budget_fen - committed_fen)
    if amount_fen > left:
        raise Conflict(
            "over-budget",
            f"这一项预算 {yuan_text(budget_fen)} 元，已核准 {yuan_text(committed_fen)} 元，还剩 {yuan_text(left)} 元，"
            f"不够付 {yuan_text(amount_fen)} 元。要多付，请先公布新一版预算。",
        )


def must_be_covered(amount_fen: Fen, contributed_fen: Fen, promised_fen: Fen) -> None:
    """Raises ``Conflict`` when more would be approved than the households have contributed and nobody has spent.

    ``contributed_fen``: contributions and converted deposits, less what was spent and goes back; ``promised_fen``:
    approved and not paid yet. A deposit that was not converted is its payer's money.
    """
    left = max(0, contributed_fen - promised_fen)
    if amount_fen > left:
        raise Conflict(
            "not-enough-money",
            f"本小区能用于改造的出资还有 {yuan_text(max(0, contributed_fen))} 元，其中已核准待付 "
            f"{yuan_text(promised_fen)} 元，还剩 {yuan_text(left)} 元，不够付 {yuan_text(amount_fen)} 元。"
            "没有转为出资的诚意金是住户的钱，不能动用。请等出资收到再核准。",
        )


_MOST_OF_A_NAME = 4
_ORGANISED = (
    *("公司", "厂", "店", "部", "社", "所", "院", "站", "局", "处", "中心", "协会", "委员会", "办"),
    *("队", "银行", "商行", "馆", "学校", "合作", "集团", "工作室"),
)


_DOTS = "·•・"


def public_payee(payee: str, is_person: bool) -> str:
    """A payee as the public reads it: whole when it is an organisation, masked (王*) when it is a natural person.

    Whoever asks says which it is; a short name without any word of an organisation is taken for a person's as well, and
    so is one written in parts (阿卜杜拉·买买提).
    """
    short = len("".join(payee.split())) <= _MOST_OF_A_NAME or any(dot in payee for dot in _DOTS)
    return mask_name(payee) if is_person or (short and not any(word in payee for word in _ORGANISED)) else payee


def must_be_maker(person: int, maker: int | None) -> None:
    """Raises ``NotAllowed`` for everybody but the one who asked."""
    if person != maker:
        raise NotAllowed("not-the-maker", "只有申请的人自己能撤回。要停下这笔，请街道点“不核准”。")


def checked_signatories(many: int) -> int:
    """Return 2 or 3; else ``Invalid``."""
    if many not in SIGNATORIES:
        raise Invalid("signatories", "签字人数只能是 2 或 3。")
    return many
