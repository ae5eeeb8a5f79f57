"""What a member of staff finds on his first page: the desks he may sit at, by task, and what waits on them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kernel import grants
from portal.home_visits.services import going
from surveys.questionnaires.second_visitors.queries import ACCOMPANY
from surveys.questionnaires.second_visitors.services import answering as second_visitors
from surveys.questionnaires.standing.services import settling
from surveys.votes.cards import objections_waiting

Waiting = Callable[[Session, int, datetime], int]


@dataclass(frozen=True)
class Duty:
    """One line of the first page: whoever may do ``action`` somewhere sees it.

    ``waiting`` counts what waits for him, said as ``3 户``: the number and ``unit``.
    """

    title: str
    href: str
    action: str
    text: str
    waiting: Waiting | None = None
    unit: str = "户"


def _doors_today(session: Session, person_id: int, now: datetime) -> int:
    return going.count_today(person_id, now=now)


def _unsettled(session: Session, person_id: int, now: datetime) -> int:
    return settling.count(person_id=person_id, now=now)


def _to_confirm(session: Session, person_id: int, now: datetime) -> int:
    return second_visitors.count_for(person_id, now)


def _objections(session: Session, person_id: int, now: datetime) -> int:
    return sum(objections_waiting(session, person_id, now).values())


DUTIES: dict[str, list[Duty]] = {
    "入户": [
        Duty("今天要上的门", "/work/today", going.ACTION, "住户约的和自己记的，办完点一下", _doors_today),
        Duty("入户登记", "/work", going.ACTION, "按楼栋看每户办到哪一步，扫码、代填"),
        Duty("两人入户的确认", "/work/visits", ACCOMPANY, "同去入户的人自己确认一下", _to_confirm, "户等您"),
        Duty("进度看板", "/board", "board.see", "各户填没填、缴没缴，不显示姓名和金额"),
    ],
    "问卷": [
        Duty("待核对的问卷", "/work/surveys/cases", settling.SETTLE, "同一户两份不同，或住户有异议", _unsettled),
        Duty("纸质问卷", "/work/surveys/papers", "paper.enter", "两人各录一次，不一样的第三人来定"),
        Duty("问卷结果和需求清单", "/work/surveys", "survey.results", "各题结果、报表、导出，写明每项需求的结果"),
        Duty("编写问卷", "/work/questionnaires", "survey.manage", "新写、改正、预览、发布，建立一次调查"),
        Duty("片区", "/work/clusters", "survey.manage", "几个小区连片改造，合在一起看需求、做方案"),
    ],
    "表决": [
        Duty("表决", "/work/votes", "vote.manage", "起草、公告、开始、截止和计票", _objections, "条异议待答复"),
        Duty("送达表决公告", "/work/deliveries", "dwelling.contact", "逐户记录公告送到没有，拍照留证"),
        Duty("帮住户投票", "/work/help-vote", going.ACTION, "没有手机的，在您的手机上本人选、本人确认"),
        Duty("纸质表决票", "/work/papers", "paper.enter", "打印、发出、收回、两人录入"),
        Duty("纸质联名", "/work/signatures", "paper.enter", "罢免、联名推荐的签名表，两人核对"),
        Duty("自管小组和业委会", "/work/bodies", "vote.manage", "成立、备案、交接、离任递补"),
        Duty("表决的地方规定", "/work/local-rules", "vote.rules", "公告期、代理、罢免等本地规定，两人登记"),
        Duty("表决审计", "/audit/votes", "vote.audit", "核验用的公开包、审计包和计票表"),
    ],
    "诚意金和账目": [
        Duty("收现金、刷卡", "/work/cash", "cash.take", "扫门牌码收款，开收据，交清点，存银行"),
        Duty("待转账的退款", "/work/transfers", "cash.take", "按登记的账户转出，填凭证号"),
        Duty("账户付款（出纳）", "/cash/spending", "cash.take", "核准后的付款，转账后登记回单号"),
        Duty("街道台账", "/work/street-desk", "collection.manage", "所有要办的事和件数，账、微信、银行三方核对"),
        Duty("微信账单对账", "/work/reconciliation", "collection.manage", "每天逐笔核对，差异两人处理，日结"),
        Duty("银行流水", "/work/statements", "collection.manage", "导入流水，对不上的逐行处理"),
        Duty("钱箱清点", "/work/cash-desk", "collection.manage", "清点收款员的现金，复核作废，日结"),
        Duty("诚意金退还与转出资", "/work/refunds", "collection.manage", "两人核准，退还，或者列入计划后转为出资"),
        Duty("账户付款", "/work/spending", "spending.sign", "申请、会签、核准，从专户付给施工单位"),
        Duty("分摊与出资", "/work/contributions", "collection.manage", "编制分摊方案，两人复核公布，看各户缴到哪一步"),
        Duty("分摊与出资", "/work/contributions", "collection.see", "看各户应出多少、缴到哪一步，下载报表"),
        Duty("微信账单对账（查阅）", "/audit/reconciliation", "audit.read", "各日对账和差异的处理经过"),
    ],
}
"""By task, in the order in which they are read; a new desk is one line here. Of two lines with one address the first
that somebody may see is his."""


def duties_of(session: Session, person_id: int | None, now: datetime) -> list[tuple[str, list[tuple[Duty, str]]]]:
    """Task → his lines with the words for what waits ("" = nothing); tasks without a line are left out."""
    allowed: set[str] = set()
    for grant, _ in grants.grants_of(session, person_id, now):
        allowed |= grants.ROLES[grants.Role(grant.role)].actions
    found = []
    for task, lines in DUTIES.items():
        mine: dict[str, Duty] = {}
        for each in lines:
            if each.action in allowed:
                mine.setdefault(each.href, each)
        if mine and person_id is not None:
            found.append((task, [(each, _words(each, session, person_id, now)) for each in mine.values()]))
    return found


def _words(duty: Duty, session: Session, person_id: int, now: datetime) -> str:
    many = duty.waiting(session, person_id, now) if duty.waiting else 0
    return f"{many} {duty.unit}" if many else ""
