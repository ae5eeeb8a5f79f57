"""What proofs there are, who may hand one in, who may look at it. A purpose is data: adding one touches this file."""

from dataclasses import dataclass

from kernel.grants.rules import ACTIONS


@dataclass(frozen=True)
class Purpose:
    """A kind of proof: its Chinese title, the actions of which one is needed to hand it in, and of which to see it."""

    title: str
    put: frozenset[str]
    see: frozenset[str]
    residents: bool = False
    """handed in by residents of the place (a verified tie), each of whom may look at his own"""


def _purpose(title: str, *, put: str = "", see: str, residents: bool = False) -> Purpose:
    return Purpose(title, frozenset(put.split()), frozenset(see.split()), residents)


PURPOSES: dict[str, Purpose] = {
    "paper_response": _purpose(
        "纸质问卷", put="response.assist paper.enter", see="paper.enter survey.manage audit.read"
    ),
    "paper_ballot": _purpose("纸质表决票", put="paper.enter vote.manage", see="paper.enter vote.audit"),
    "assisted_ballot": _purpose("投票签名", put="response.assist", see="vote.audit"),
    "proxy": _purpose("委托书", put="paper.enter vote.manage", see="vote.manage roll.manage vote.audit"),
    "delivery": _purpose("送达凭证", put="paper.enter vote.manage", see="vote.manage vote.audit"),
    "representative": _purpose("代表人证明", put="roll.manage paper.enter", see="roll.manage vote.audit"),
    "delegate": _purpose("居民代表推选记录", put="roll.manage paper.enter", see="roll.manage vote.audit"),
    "roll": _purpose("名册更正依据", put="roll.manage", see="roll.manage vote.audit"),
    "bylaws": _purpose("议事规则", put="vote.manage", see="vote.manage vote.audit"),
    "consent": _purpose("参选同意书", put="vote.manage paper.enter", see="vote.manage vote.audit"),
    "result_objection": _purpose("对结果的异议", see="vote.manage vote.audit", residents=True),
    "petition": _purpose("联名签名表", put="vote.manage paper.enter", see="vote.manage paper.enter vote.audit"),
    "lot": _purpose("抽签记录", put="vote.manage", see="vote.manage vote.audit"),
    "voucher": _purpose(
        "付款凭证", put="spending.sign collection.manage", see="spending.sign collection.manage cash.take audit.read"
    ),
    "cash_slip": _purpose("银行回单", put="cash.take collection.manage", see="cash.take collection.manage audit.read"),
}


def known_actions() -> bool:
    """Whether every purpose names actions that exist."""
    return all((each.put | each.see) <= ACTIONS for each in PURPOSES.values())
