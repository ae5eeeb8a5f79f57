"""The result sheet: what was counted, in the fields the notice board knows (Foshan's model), for page and PDF alike."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kernel.places import queries as places
from surveys.votes.elections.services import reading as elections
from surveys.votes.models import Vote, VoteResult
from surveys.votes.results import queries as results
from surveys.votes.results.models import ResultRecount, ResultStanding
from surveys.votes.results.rules import Stage
from surveys.votes.rules.catalogue import Electorate, Form, Measure
from surveys.votes.rules.decision import CHOICE_WORDS, Choice
from surveys.votes.rules.election import STANDING_WORDS, Standing
from surveys.votes.rules.tally import WITHOUT_WORDS, Without
from surveys.votes.services import reading
from surveys.votes.services.reading import MotionView, Notice
from surveys.votes.words import ELECTORATE_WORDS, amount_text, instant_text, opening_text, share_text

MEASURE_WORDS = {Measure.HEADS: "人数", Measure.AREA: "专有部分面积"}


@dataclass(frozen=True)
class Names:
    """A candidate on the sheet."""

    rank: int
    name: str
    votes: str
    standing: str
    tone: str


@dataclass(frozen=True)
class MotionSheet:
    """A motion on the sheet. ``heads`` names the columns of ``rows``; ``missing``: what would have been enough."""

    title: str
    text: str
    clause: str
    rule_text: str
    verdict: str
    tone: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    missing: tuple[str, ...]
    names: tuple[Names, ...]
    without: tuple[tuple[str, ...], ...]
    """the counterfactual sheet: what is left out, how many ballots, the verdict, the numbers"""
    flips: tuple[str, ...]
    """what would change the verdict if it were left out"""


@dataclass(frozen=True)
class Sheet:
    """A whole result, in words; a value, so that what is drawn from it can be kept."""

    title: str
    scope: str
    stage: Stage
    stage_text: str
    facts: tuple[tuple[str, str], ...]
    motions: tuple[MotionSheet, ...]
    notes: tuple[str, ...]
    small: bool
    tally_hash: str
    roll_hash: str


def sheet(session: Session, vote: Vote) -> Sheet:
    """The sheet of a vote whose result is out. Raises Conflict before."""
    result = reading.result(session, vote)
    notice = reading.notice(session, vote)
    above = places.ancestors(session, notice.place)
    scope = "".join(place.name for place in above[1:])
    standing = results.standing_of(session, vote.id)
    assert standing is not None
    counted = {motion["motion"]: motion for motion in result.document["motions"]}
    contrary = result.document.get("counterfactual", [])
    return Sheet(
        title=vote.title,
        scope=scope,
        stage=Stage(standing.stage),
        stage_text=_stage_text(standing),
        facts=tuple(_facts(notice, result, scope)),
        motions=tuple(
            _motion(notice, motion, counted[motion.id], [row for row in contrary if row["motion"] == motion.id])
            for motion in notice.motions
        ),
        notes=tuple(_notes(session, notice, [place.name for place in above if place.kind in ASKED], standing)),
        small=notice.small,
        tally_hash=result.tally_hash,
        roll_hash=vote.roll_hash or "",
    )


ASKED = ("street", "community")


def _stage_text(standing: ResultStanding) -> str:
    if standing.stage == Stage.FINAL:
        assert standing.final_at is not None
        return f"最终结果，{opening_text(standing.final_at)} 确认"
    provisional = "（暂定，以国务院节假日安排为准）" if standing.provisional else ""
    return f"初步结果，公示到 {instant_text(standing.ends_at)}{provisional}"


def _notes(session: Session, notice: Notice, asked: list[str], standing: ResultStanding) -> list[str]:
    """What the sheet says below its figures: recounts, whom to ask, how to object, and the year to go to court."""
    notes = [
        f"第 {each.number} 次重新计票（{opening_text(each.counted_at)}）：{each.reason}。"
        + ("结果有更正，原来的结果另存。" if each.changed else "结果一致。")
        for each in results.recounts_of(session, notice.vote.id)
    ]
    for drawn in elections.lots(session, notice.vote):
        notes.append(
            f"{drawn.title}得票相同，{opening_text(drawn.lot.drawn_at)} 当众抽签：{drawn.lot.method}。"
            f"抽签人 {drawn.lot.drawn_by}，见证人 {'、'.join(drawn.lot.witnesses)}；先后为 {'、'.join(drawn.names)}。"
        )
    objections = results.objections_of(session, notice.vote.id)
    if objections:
        answered = sum(each.answered_at is not None for each in objections)
        notes.append(f"公示期收到异议 {len(objections)} 条，已答复 {answered} 条，答复见结果页面。")
    notes.append(f"咨询和异议：{'、'.join(asked)}。" if asked else "咨询和异议请找所在社区。")
    if standing.stage == Stage.PRELIMINARY:
        notes.append("名册上的人对结果有异议的，请在公示期内提出，街道逐条答复，全部答复以后才确认最终结果。")
    if notice.electorate is Electorate.OWNERS:
        notes.append(
            "业主认为决定侵害其合法权益的，可以在知道或者应当知道之日起一年内请求人民法院撤销"
            "（民法典第二百八十条，建筑物区分所有权司法解释第十二条）。"
        )
    return notes


def _facts(notice: Notice, result: VoteResult | ResultRecount, scope: str) -> list[tuple[str, str]]:
    vote, ballots = notice.vote, result.document["ballots"]
    facts = [("表决范围", scope), ("表决人", ELECTORATE_WORDS[notice.electorate])]
    if vote.opened_at and vote.closes_at:
        facts += [("开始时间", opening_text(vote.opened_at)), ("截止时间", instant_text(vote.closes_at))]
    heads = amount_text(Measure.HEADS, vote.roll_heads, notice.electorate)
    facts.append(("名册总数", heads if not vote.roll_area_dm2 else f"{heads}，{_area(vote.roll_area_dm2, notice)}"))
    if result.document["roll"].get("amendments"):
        facts.append(("投票期间名册更正", f"{result.document['roll']['amendments']} 处，逐条列在名册页"))
    facts.append(("计票选票", f"{ballots['counted']} 张"))
    if ballots.get("secret"):
        facts.append(("投票方式", "无记名，按号码逐张公布"))
    if ballots.get("invalid"):
        facts.append(("其中无效", f"{ballots['invalid']} 张，算参加，不计给任何候选人"))
    if ballots["late"]:
        facts.append(("截止后送达", f"{ballots['late']} 张，留存不计票"))
    return [*facts, ("计票时间", opening_text(result.counted_at))]


def _area(area_dm2: int, notice: Notice) -> str:
    return amount_text(Measure.AREA, area_dm2, notice.electorate)


def _motion(notice: Notice, motion: MotionView, counted: dict[str, Any], contrary: list[dict[str, Any]]) -> MotionSheet:
    election = motion.rule.form is Form.ELECTION
    verdict, tone = _verdict(counted, election)
    cast = [(Measure(part["measure"]), part) for part in counted["measures"]]
    heard = [(Measure(part["measure"]), part) for part in counted.get("deemed", {}).get("measures", ())]
    heads = [_measure_word(notice, measure) for measure, _ in cast]
    rows = [tuple(row) for row in _rows(notice, [*cast, *heard], election)]
    if heard:
        heads = [f"已投：{word}" for word in heads] + [f"含视为：{word}" for word in heads]
        rows.append(
            (
                "按这一栏",
                *[_passed_word(counted["carried_cast"])] * len(cast),
                *[_passed_word(counted["carried"])] * len(cast),
            )
        )
    return MotionSheet(
        title=motion.title,
        text=motion.text,
        clause=motion.rule.clause,
        rule_text=motion.rule.text,
        verdict=verdict,
        tone=tone,
        heads=("项目", *heads),
        rows=tuple(rows),
        missing=(
            *(line for measure, part in heard or cast for line in _missing(notice, measure, part, election)),
            *_deemed_words(notice, counted),
        ),
        names=tuple(_names(notice, motion, counted)) if election else (),
        without=tuple(_without(notice, motion, row) for row in contrary),
        flips=tuple(WITHOUT_WORDS[Without(row["without"])] for row in contrary if row["flips"]),
    )


def _passed_word(carried: bool) -> str:
    return "通过" if carried else "未通过"


def _deemed_words(notice: Notice, counted: dict[str, Any]) -> list[str]:
    """What was made of silence, in a sentence, and a warning where the verdict hangs on it."""
    heard = counted.get("deemed")
    if heard is None:
        return []
    if heard["joins"] is None:
        return ["已投的票没有多数意见，未投票的没有视为任何意见。"]
    who = amount_text(Measure.HEADS, heard["heads"], notice.electorate)
    lines = [f"按议事规则，已送达而未投票的 {who}视为“{CHOICE_WORDS[Choice(heard['joins'])]}”。"]
    if counted["carried"] != counted["carried_cast"]:
        lines.append("只看已投的票，结果相反，请法律审查。")
    return lines


def _agreed(notice: Notice, measure: Measure, part: dict[str, Any]) -> str:
    agreed, took_part = (amount_text(measure, part[name], notice.electorate) for name in ("approve", "took_part"))
    return f"{_measure_word(notice, measure)} 同意 {agreed} / 参与 {took_part}"


def _without(notice: Notice, motion: MotionView, row: dict[str, Any]) -> tuple[str, ...]:
    """A line of the counterfactual sheet. Sums that would tell of a few ballots are not stated."""
    names = {candidate.id: candidate.name for candidate in motion.candidates}
    if "carried" in row:
        verdict = _passed_word(row["carried"])
    else:
        verdict = "当选：" + ("、".join(names[each] for each in row["elected"]) or "无人")
    numbers = "；".join(_agreed(notice, Measure(part["measure"]), part) for part in row["measures"] or ())
    struck = f"{row['ballots']} 张" if row["ballots"] else "—"
    flips = "结果改变" if row["flips"] else "结果不变"
    return (WITHOUT_WORDS[Without(row["without"])], struck, verdict, flips, numbers or "不列（防止看出个别人的票）")


def _verdict(counted: dict[str, Any], election: bool) -> tuple[str, str]:
    if not election:
        return ("通过", "ok") if counted["carried"] else ("未通过", "bad")
    if not counted["valid"]:
        return "选举无效", "bad"
    if counted["open_seats"]:
        return f"选举有效，还缺 {counted['open_seats']} 人", "wait"
    return "选举有效", "ok"


def _measure_word(notice: Notice, measure: Measure) -> str:
    return "户数" if notice.electorate is Electorate.RESIDENTS else MEASURE_WORDS[measure]


def _rows(notice: Notice, measures: list[tuple[Measure, dict[str, Any]]], election: bool) -> list[list[str]]:
    who = notice.electorate

    def row(label: str, name: str, of: str = "") -> list[str]:
        return [label] + [
            share_text(measure, part[name], part[of], who) if of else amount_text(measure, part[name], who)
            for measure, part in measures
        ]

    rows = [
        row("名册总数", "roll"),
        row("参与表决", "took_part", "roll"),
        row("参与至少要有", "turnout_needed"),
    ]
    if election:
        rows.append(row("其中弃权（没有选人）", "blank"))
        if any(part.get("invalid") for _, part in measures):
            rows.append(row("其中无效（选人过多）", "invalid"))
        return [*rows, row("当选至少要得票", "approval_needed")]
    return [
        *rows,
        row("同意", "approve", "took_part"),
        row("反对", "against", "took_part"),
        row("弃权", "abstain", "took_part"),
        row("同意至少要有", "approval_needed"),
    ]


def _missing(notice: Notice, measure: Measure, part: dict[str, Any], election: bool) -> list[str]:
    lines = []
    word = _measure_word(notice, measure)
    if not part["turnout_met"]:
        lacking = amount_text(measure, part["turnout_needed"] - part["took_part"], notice.electorate)
        lines.append(f"参与表决的{word}不够，还差 {lacking}。")
    if not election and not part["approval_met"]:
        lacking = amount_text(measure, max(part["approval_needed"] - part["approve"], 0), notice.electorate)
        lines.append(f"同意的{word}不够，还差 {lacking}。")
    return lines


_TONES = {
    Standing.ELECTED: "ok",
    Standing.TIED: "wait",
    Standing.ALTERNATE: "todo",
    Standing.ALTERNATE_TIED: "wait",
    Standing.NOT_ELECTED: "",
    Standing.WITHDRAWN: "",
}
WITHOUT_HEADS = ("对照", "剔除", "结论", "影响", "数字")


def _names(notice: Notice, motion: MotionView, counted: dict[str, Any]) -> list[Names]:
    names = {candidate.id: candidate.name for candidate in motion.candidates}
    took_part = {Measure(part["measure"]): part["took_part"] for part in counted["measures"]}

    def share(measure: Measure, part: int) -> str:
        return share_text(measure, part, took_part[measure], notice.electorate)

    return [
        Names(
            rank=each["rank"],
            name=names[each["candidate"]],
            votes=share(Measure.HEADS, each["votes"]).replace("户", "票")
            + (f"，{share(Measure.AREA, each['area_dm2'])}" if "area_dm2" in each else ""),
            standing=STANDING_WORDS[Standing(each["standing"])],
            tone=_TONES[Standing(each["standing"])],
        )
        for each in counted["candidates"]
    ]
