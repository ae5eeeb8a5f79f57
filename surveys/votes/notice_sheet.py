"""A vote's notice as one value: what its page shows and its paper prints (``notice_pdf``)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from kernel.clock import day_text
from surveys.votes import words
from surveys.votes.bylaws import queries as bylaws
from surveys.votes.bylaws.queries import DeemedRule
from surveys.votes.clusters import queries as clusters
from surveys.votes.extensions import queries as extensions
from surveys.votes.local_rules import queries as local_rules
from surveys.votes.models import Vote
from surveys.votes.results import queries as results
from surveys.votes.rules.bylaws import SILENCE_WORDS
from surveys.votes.rules.catalogue import Electorate, Form, Measure
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.roll import SMALL_BODY
from surveys.votes.rules.terms import CLASH_WORDS, Terms
from surveys.votes.services import reading as shown
from surveys.votes.services.reading import MotionView, Notice
from surveys.votes.terms.queries import is_secret, terms_of


@dataclass(frozen=True)
class ExtensionLine:
    """An extension in words, and why."""

    text: str
    reason: str


@dataclass(frozen=True)
class MotionLines:
    """A motion: its heading and text, the names if any, how it is carried, and the smallest passing numbers.

    ``rows``: what is counted, the whole roll, least that take part, least that agree among just so many, and among all.
    """

    heading: str
    text: str
    names: tuple[str, ...]
    rule: str
    clause: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class NoticeSheet:
    """The notice. Every list is of sentences ready to be read."""

    id: str
    title: str
    place: str
    intro: str
    facts: tuple[tuple[str, str], ...]
    motions: tuple[MotionLines, ...]
    how: tuple[str, ...]
    roll: tuple[str, ...]
    warnings: tuple[str, ...]
    extensions: tuple[ExtensionLine, ...]
    local: tuple[tuple[str, str], ...]
    """the local rules frozen with the notice: what this vote does, and by which document"""
    text_hash: str


def sheet(session: Session, vote: Vote) -> NoticeSheet:
    """The notice of a vote (of a draft, too, to be looked over before it goes out)."""
    view = shown.notice(session, vote)
    terms, secret = terms_of(session, vote), is_secret(session, vote)
    return NoticeSheet(
        id=vote.public_id,
        title=vote.title,
        place=view.place.name,
        intro=vote.intro,
        facts=_facts(session, view),
        motions=tuple(_motion(view, motion, number) for number, motion in enumerate(view.motions, start=1)),
        how=_how(view, terms, secret=secret),
        roll=_roll(view),
        warnings=_warnings(session, view, secret=secret),
        extensions=extension_lines(session, vote),
        local=tuple((each.words, each.source) for each in local_rules.printed_on(session, vote.id)),
        text_hash=vote.text_hash or "",
    )


def extension_lines(session: Session, vote: Vote) -> tuple[ExtensionLine, ...]:
    """The extensions of a vote in words, oldest first."""
    return tuple(
        ExtensionLine(
            f"原定 {words.instant_text(each.old_closes_at)} 截止；{each.decided_by}于 "
            f"{words.opening_text(each.extended_at)} 决定延长到 {words.instant_text(each.new_closes_at)}，事项不变。",
            each.reason,
        )
        for each in extensions.extensions_of(session, vote.id)
    )


def silence_lines(rule: DeemedRule | None) -> tuple[str, ...]:
    """What the notice must warn of when silence counts by adopted rules; nothing when it does not."""
    if rule is None:
        return ()
    adopted = day_text(rule.adopted_on)
    return (
        f"请注意：{rule.warning}",
        f"依据 {adopted} 通过的《{rule.title}》：{SILENCE_WORDS[rule.silence]}。只适用于有送达凭证的房屋；"
        "结果表会分别列出实际投票和视为投票的数字，以及各自是否通过。",
    )


def _provisional(vote: Vote) -> str:
    return "（暂定，该年度国务院节假日安排公布后以公布的为准）" if vote.provisional else ""


def _facts(session: Session, view: Notice) -> tuple[tuple[str, str], ...]:
    vote = view.vote
    facts = [("范围", view.place.name), ("由谁投票", words.ELECTORATE_WORDS[view.electorate])]
    if vote.published_at:
        facts.append(("公告发布", words.opening_text(vote.published_at)))
    if vote.opens_at:
        facts.append(("开始投票", words.opening_text(vote.opened_at or vote.opens_at) + _provisional(vote)))
    if vote.closes_at:
        facts.append(("截止投票", words.instant_text(vote.closes_at) + _provisional(vote)))
    facts.append(("公告期", f"{vote.notice_days} 天" if vote.notice_days else "发布后即可投票"))
    if vote.voting_days:
        facts.append(("投票期", f"{vote.voting_days} 天"))
    facts.append(
        (
            "天数怎样算",
            "头一天不算，最后一天遇放假顺延到放假结束的次日，到当天 24:00 为止（民法典第二百零一条至第二百零三条）",
        )
    )
    cluster = clusters.cluster_of(session, vote.id)
    if cluster is not None:
        names = "、".join(place.name for _, place in clusters.members_of(session, cluster.id))
        facts.append(("合并表决", f"{names}的业主分别表决、分别计票；每个小区都通过，才算通过"))
    days = results.publicity_days(session, vote.id)
    facts.append(("结果公示", f"计票后先公布初步结果，公示 {days} 天，异议答复完再确认最终结果"))
    return tuple(facts)


def _motion(view: Notice, motion: MotionView, number: int) -> MotionLines:
    election = motion.rule.form is Form.ELECTION
    heading = f"第 {number} 项：{motion.title}" if len(view.motions) > 1 else motion.title
    names = tuple(f"{each.name}（{each.note}）" if each.note else each.name for each in motion.candidates)
    rows = []
    for each in motion.needed:
        counted = "面积" if each.measure is Measure.AREA else words.HEAD_WORDS[view.electorate]
        numbers = (each.roll, each.needed.turnout, each.needed.approval, each.full)
        rows.append((counted, *(words.amount_text(each.measure, part, view.electorate) for part in numbers)))
    agree = "得票" if election else "同意"
    return MotionLines(
        heading=heading,
        text=motion.text,
        names=names,
        rule=motion.rule.text,
        clause=motion.rule.clause,
        heads=("计什么", "名册总数", "至少参加", f"刚够人参加时{agree}至少", f"全部参加时{agree}至少"),
        rows=tuple(rows),
    )


def _how(view: Notice, terms: Terms, *, secret: bool) -> tuple[str, ...]:
    owners = view.electorate is Electorate.OWNERS
    lines = ["手机：微信扫自家门上的二维码，核实身份后投票。家里人可以帮着念、帮着看，要由投票人自己确认。"]
    if secret:
        lines.append(
            "无记名：选票在手机上封进信封才送出，截止前可以重投，以最后一次为准。没有手机的，请到社区，在工作人员的手机上自己封好再投。"
            "不用带编号的纸质票：录入的人会看到是哪一户投的。"
        )
    else:
        lines.append("实名：每项选同意、反对或者弃权，投出后不能改。截止前只公布投了多少，不公布怎么投的。")
    if terms.paper:
        lines.append("纸质票：不用手机的，请到社区领取带编号的纸质表决票，签名后在截止前交回；也可以请工作人员上门。")
        lines.append(f"{CLASH_WORDS[terms.clash]}。纸质票上多勾、看不清的一项按弃权计，没有签名的整张作废。")
    if terms.agent_limit:
        barred = "；物业服务企业的工作人员不能当代理人" if terms.bar_staff else ""
        lines.append(
            "委托：可以书面委托他人投票，写明代理人姓名、事项、权限和期限并签名。"
            f"每名代理人最多代理 {terms.agent_limit} 票{barred}。"
        )
    elif owners:
        lines.append("这次不接受委托投票。")
    elif view.electorate is Electorate.REPRESENTATIVES:
        lines.append("居民代表本人投票，家里其他人不能代投，不设委托。")
    lines.append("只表决公告列明的事项。截止时间以后送到的票只留存，不计票。")
    return tuple(lines)


def _roll(view: Notice) -> tuple[str, ...]:
    vote = view.vote
    if view.electorate is Electorate.OWNERS:
        counted = (
            f"名册共 {vote.roll_heads} 人、{words.area_text(vote.roll_area_dm2)} ㎡、{vote.roll_dwellings} 套。"
            f"{words.HEADCOUNT_WORDS[vote.headcount]}；{'车位计入' if vote.include_parking else '车位不计入'}。"  # type: ignore[index]
        )
    else:
        counted = (
            f"名册共 {vote.roll_heads} {words.HEAD_UNIT[view.electorate]}，每{words.HEAD_UNIT[view.electorate]}一票。"
        )
    lines = [counted, "名册只公布房号和面积，不公布姓名。"]
    if view.state in (State.DRAFT, State.PUBLISHED):
        until = f"在 {words.instant_text(vote.opens_at)} 之前" if vote.opens_at else "在公告期内"
        lines.append(
            f"自家有误的，{until}在手机上的名册页提异议，或者带房产证明到社区提。逐条答复以后名册冻结，才开始投票。"
        )
    else:
        lines.append("名册在开始投票时冻结并留下指纹；以后的更正逐条公开，不改冻结的那一份。")
    return tuple(lines)


def _warnings(session: Session, view: Notice, *, secret: bool) -> tuple[str, ...]:
    lines = list(silence_lines(bylaws.deemed_rule(session, view.vote)))
    if view.small and not secret:
        lines.append(
            f"这次参加的只有 {view.vote.roll_dwellings} 套房屋（不到 {SMALL_BODY} 套），"
            "结果公布后别人可能猜到某一户怎么投的。结果只公布合计。"
        )
    return tuple(lines)
