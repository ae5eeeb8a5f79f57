"""Writing notices from the news of others, and reading them. What is told twice is written once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.clock import china_text
from kernel.database import insert_ignoring, new_public_id, reading, transaction, use_case
from kernel.money import yuan_text
from kernel.people import queries as people
from kernel.places.models import Dwelling
from kernel.web.guards import Identity
from payments.rules import channel
from portal.claims import queries as claims
from portal.notices import queries
from portal.notices.models import Notice, NoticeKind

TEXTS = {
    NoticeKind.NEW_CLAIM: "{when}，又有一部手机登记为{label}的住户。如果不是您家里人，请告诉社区工作者。",
    NoticeKind.CLAIM_CONFIRMED: "社区工作者确认了您在{label}的登记，现在可以投票和缴费。",
    NoticeKind.CLAIM_REFUSED: "社区工作者没有通过您在{label}的登记。如有疑问，请到社区当面核对。",
    NoticeKind.MONEY_TAKEN: "{when}，{label}缴的 {yuan} 元{channel}已登记，收据 {receipt}。"
    "如果金额不对，或者您家没有缴，请马上告诉街道办事处。",
    NoticeKind.MONEY_VOIDED: "{when}，{label}的收据 {receipt}（{channel} {yuan} 元）登记有误，已作废。"
    "如果钱没有退给您，请马上告诉街道办事处。",
    NoticeKind.MAYBE_PAID_TWICE: "{label}的 {yuan} 元收到了两次，其中一次是{channel}（收据 {receipt}）。"
    "是两位家人各缴一笔的，不用管；缴重了的，请打开这里申请退一笔，或者告诉街道办事处。没有您的话，钱不会动。",
    NoticeKind.RESPONSE_ASSISTED: "{when}，社区工作者为{label}代填了问卷。请打开问卷核对；不对的，可以修改或提出异议。",
    NoticeKind.RESPONSE_CHANGED: "{when}，{label}的问卷有了新的一份，以新的为准。不是您家的意思，请打开问卷提出异议。",
    NoticeKind.RESPONSE_WAITING: "{when}，{label}又交来一份不一样的问卷。两份都留着，社区会来问清楚再定。",
    NoticeKind.RESPONSE_SETTLED: "{when}，社区核对了{label}的问卷，定了哪一份算数，理由写在问卷的回执页上。",
    NoticeKind.SURVEY_REMINDER: "{label}的问卷还没有填。填一份大约 10 分钟；不方便的，请社区工作者上门帮您填。",
    NoticeKind.SURVEY_END_MOVED: "{label}的问卷您填了一半。截止时间改了：请在 {until} 以前打开，填完交上。",
    NoticeKind.VISIT_NAMED: "{when}，同事说您一起去了{label}入户填问卷。请点开说一声去了没有；"
    "到 {until} 还没有答复的，这份按一个人入户算。",
    NoticeKind.VISIT_DECLINED: "{when}，您请来确认同去{label}的同事说他没有去。"
    "请点开改选真正同去的人，不改就按一个人入户算。",
    NoticeKind.SURVEY_PAPER_VOID: "{when}，{label}交来的纸质问卷作废了，没有算数。请用手机重新填，"
    "或者请社区再给一份纸质表；为什么作废，请问社区。",
    NoticeKind.BUDGET_PUBLISHED: "{when}，小区公布了改造分摊方案。{label}应出多少、怎么算的，"
    "打开“我家的出资”就能看到。",
    NoticeKind.FLAT_SOLD: "{label}换了业主。您缴的诚意金还是您的：可以申请退还，也可以留给这套房。",
    NoticeKind.DEPOSIT_OF_BEFORE: "{label}以前的业主缴过诚意金，钱还是他的；他同意留下，才转为这套房的出资。",
    NoticeKind.DEPOSIT_LEFT: "{when}，工作人员登记了您签的同意书：您为{label}缴的诚意金留给这套房。"
    "不是您签的，请马上打开收据申请退还，并告诉街道办事处。",
    NoticeKind.ROLLOVER_ASKED: "{label}缴的诚意金，想留到下一年的计划，还是退还？"
    "打开“诚意金留还是退”说一声。不回答，钱就原样放着。",
    NoticeKind.CONTRIBUTION_REMINDER: "{label}的改造出资还没有缴清。可以分几次缴，也可以到社区办理；"
    "有困难请找社区工作人员商量。",
    NoticeKind.VOTE_EXTENDED: "{label}参加的表决{title}延长了投票时间。新的截止时间和理由写在表决公告里。",
    NoticeKind.ROLL_ANSWERED: "您为{label}对表决{title}名册提的异议已有答复，请到表决公告的名册页查看。",
    NoticeKind.BALLOT_BY_OTHER: "{when}，{label}的一票已由共有人或家里人投出，怎么投的不公开。"
    "有异议的，请在截止前到这次投票的公告页面提出。",
    NoticeKind.BALLOT_ON_PAPER: "{label}的纸质票已经收到并录入（{when}），不能再用手机投。",
    NoticeKind.BALLOT_BY_AGENT: "{when}，您书面委托的代理人已经替{label}投了票，不能再投。",
    NoticeKind.BALLOT_CONFLICT: "{label}的同一票收到了手机票和纸质票，两张都留存，按公告的办法只计一张。"
    "计的是哪一张，请看这次投票的公告页面。",
    NoticeKind.BALLOT_SETTLED: "街道处理了{label}选票的疑问，结果和理由请看这次投票的公告页面。",
    NoticeKind.PAPER_VOID: "{when}，{label}交回的纸质票作废了，没有计票。投票还没截止的，请用手机再投，或到社区补领；"
    "为什么作废，请问社区。",
    NoticeKind.PROXY_REGISTERED: "{when}，社区登记了一份委托书：由别人替{label}投票。"
    "不是您签的，请马上在这次投票的公告页面撤回，并告诉社区。",
    NoticeKind.RESULT_OUT: "{when}，{label}参加的表决{title}公布了初步结果。"
    "对结果有异议的，请在公示期内到结果页面提出。",
    NoticeKind.RESULT_FINAL: "{when}，{label}参加的表决{title}确认了最终结果，请到结果页面查看。",
    NoticeKind.RESULT_ANSWERED: "您为{label}对表决{title}的结果提的异议已有答复，请到结果页面查看。",
    NoticeKind.NOMINEE_ASKED: "{when}，有人推荐您参加小区的选举。同不同意参选，请打开{label}的页面决定。",
    NoticeKind.NOMINATIONS_OPEN: "{when}，小区的选举开始提名，可以自荐，也可以推荐邻居。"
    "截止时间和办法，请看{label}的页面。",
    NoticeKind.NOMINATIONS_LISTED: "{when}，小区选举的候选人名单公布了，请看{label}的页面。"
    "对候选人有意见的，请告诉社区。",
    NoticeKind.NOMINATIONS_EXTENDED: "{when}，小区选举的提名时间延长了，新的截止时间请看{label}的页面。",
    NoticeKind.CANDIDATE_WITHDRAWN: "{when}，{label}参加的选举{title}有一名候选人退选。"
    "名字还印在选票上，投给他（她）的票作废，请看这次投票的公告。",
    NoticeKind.VISIT_PUT_OFF: "{when}，工作人员到{label}上门，没有遇到人。改到{visit}再来；"
    "不方便的，请打开“工作人员上门”改时间。",
    NoticeKind.VISIT_DONE: "{when}，工作人员记下：到{label}上门的事办过了。如果没有人来过，请告诉社区。",
    NoticeKind.VISIT_LAPSED: "约在{visit}到{label}上门的事没有办成，很抱歉。请再约一次，或者打电话给社区。",
}


@dataclass(frozen=True)
class NoticeView:
    """A notice as it is read. ``page``: where what it tells of stands. ``dated``: the text says when."""

    id: str
    kind: str
    text: str
    dwelling: str
    page: str
    at: datetime
    dated: bool
    read: bool


def view(notice: Notice, dwelling: Dwelling) -> NoticeView:
    """A notice in words."""
    facts = notice.facts or {}
    wording = TEXTS[NoticeKind(notice.kind)]
    text = wording.format(
        when=china_text(notice.at),
        label=dwelling.label,
        yuan=yuan_text(facts.get("amount_fen", 0)),
        channel=channel.word(facts.get("channel", "")),
        receipt=facts.get("receipt", ""),
        title=f"《{facts['title']}》" if "title" in facts else "",
        until=china_text(datetime.fromisoformat(facts["until"])) if "until" in facts else "",
        visit=facts.get("visit", ""),
    )
    return NoticeView(
        id=notice.public_id,
        kind=notice.kind,
        text=text,
        dwelling=dwelling.public_id,
        page=facts.get("page", f"/d/{dwelling.public_id}"),
        at=notice.at,
        dated="{when}" in wording,
        read=notice.read_at is not None,
    )


def my_notices(who: Identity) -> list[NoticeView]:
    """The account's notices, newest first."""
    return [view(notice, dwelling) for notice, dwelling in queries.notices_of(reading(), who.account_id)]


@use_case
def mark_read(who: Identity, notice_id: str, *, now: datetime) -> None:
    """Note that a notice was read. Safe to repeat. Raises NotFound for somebody else's."""
    with transaction() as session:
        notice = queries.notice_of(session, who.account_id, notice_id)
        notice.read_at = notice.read_at or now


@use_case
def on_new_tie(payload: dict[str, Any], *, now: datetime) -> None:
    """Somebody now speaks for a dwelling: tell every account that did before. They see when, never who."""
    with transaction() as session:
        tie = people.tie_by_public_id(session, payload["tie"])
        if tie is None:
            return
        source = f"tie:{tie.public_id}"  # not its level: one phone is told of once
        for other in people.ties_to(session, tie.dwelling_id):
            if other.account_id != tie.account_id and other.since <= tie.since:
                write(session, other.account_id, tie.dwelling_id, NoticeKind.NEW_CLAIM, source, at=tie.since)


@use_case
def on_claim_decided(payload: dict[str, Any], *, now: datetime) -> None:
    """A worker decided a claim: tell its claimant."""
    with transaction() as session:
        claim = claims.claim_by_public_id(session, payload["claim"])
        kind = NoticeKind(payload["kind"])
        at = datetime.fromisoformat(payload["at"])
        write(session, claim.account_id, claim.dwelling_id, kind, f"claim:{claim.public_id}", at=at)


@use_case
def tell(people: Sequence[tuple[int, int]], kind: NoticeKind, source: str, *, now: datetime) -> None:
    """Write the same news to several: (account id, dwelling id) each; once for each ``source``."""
    with transaction() as session:
        for account_id, dwelling_id in people:
            write(session, account_id, dwelling_id, kind, source, at=now)


def write(
    session: Session,
    account_id: int,
    dwelling_id: int,
    kind: NoticeKind,
    source: str,
    *,
    at: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """Write one notice, once for each ``source``, in the caller's transaction."""
    session.execute(
        insert_ignoring(session, Notice)
        .values(
            public_id=new_public_id(),
            account_id=account_id,
            dwelling_id=dwelling_id,
            kind=kind.value,
            source=source,
            facts=facts,
            at=at,
        )
        .on_conflict_do_nothing(index_elements=["account_id", "kind", "source"])
    )
