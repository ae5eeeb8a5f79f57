"""What votes show on a dwelling's page: one card a vote that touches it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy.orm import Session

from kernel import grants
from kernel.clock import china_text
from kernel.people.models import Tie
from kernel.places.models import Dwelling
from kernel.places.rules import is_within
from kernel.web.cards import Card, Tone
from surveys.votes import queries
from surveys.votes.delivery import queries as deliveries
from surveys.votes.elections import queries as elections
from surveys.votes.elections.services import recalls
from surveys.votes.elections.services.nominees import is_nominee
from surveys.votes.models import Vote
from surveys.votes.results import queries as results
from surveys.votes.results.rules import Stage
from surveys.votes.rolls import queries as rolls
from surveys.votes.rules.bodies import Office
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.nominations import CallState, Consent
from surveys.votes.rules.roll import VOTING_LEVEL
from surveys.votes.services import preparing, reading
from surveys.votes.words import instant_text

RESULTS_SHOWN = timedelta(days=90)


def cards_for(session: Session, *, dwelling: Dwelling, tie: Tie | None, now: datetime) -> list[Card]:
    """The votes of the dwelling's estate or building: what is to be done first, recent results last."""
    votes = queries.votes_for_dwelling(session, dwelling, results_since=now - RESULTS_SHOWN)
    cards = [_card(session, vote, dwelling, tie, now) for vote in votes]
    return [*cards, *_elections(session, dwelling, tie, now)]


@dataclass(frozen=True)
class DoorVote:
    """A running vote at a door, for its worker: where the voter is helped, and where its delivery is recorded."""

    title: str
    word: str
    until: str
    help_href: str
    delivery_href: str
    told: bool


def running_votes(session: Session, dwelling: Dwelling, now: datetime) -> list[DoorVote]:
    """The votes on whose roll a flat stands and that run or are announced, the first to close first."""
    found = []
    for vote in deliveries.running_at(session, dwelling):
        accepts = reading.accepts_ballots(vote, now)
        if vote.state == State.OPEN and not accepts:
            continue
        at = f"{vote.public_id}?door={quote(dwelling.label)}"
        found.append(
            DoorVote(
                title=vote.title,
                word="投票中" if accepts else "公示中",
                until=f"{instant_text(vote.closes_at)} 截止" if vote.closes_at else "",
                help_href=f"/work/help-vote/{at}" if accepts else "",
                delivery_href=f"/work/deliveries/{vote.public_id}/d/{dwelling.public_id}",
                told=any(each.revoked is None for each in deliveries.records_of(session, vote, dwelling, by=now)),
            )
        )
    return found


def _elections(session: Session, dwelling: Dwelling, tie: Tie | None, now: datetime) -> list[Card]:
    """Calls for nominations, being asked to stand, and petitions at the dwelling's estate or building."""
    at = [dwelling.estate_id, dwelling.building_id]
    cards = []
    for call in elections.running_calls(session, at):
        href, asked = f"/n/{call.public_id}", False
        if tie is not None and call.state == CallState.OPEN:
            asked = any(
                each.consent == Consent.ASKED and is_nominee(session, each, tie.account_id)
                for each in elections.nominees_of(session, call.id)
                if each.dwelling_id == dwelling.id
            )
        if asked:
            cards.append(Card(call.title, "等您决定", "有人推荐您参选，请看一看是否同意。", href, Tone.TODO, 12))
        elif call.state == CallState.OPEN and now < call.until:
            may = "可以自荐、推荐邻居" if tie is None or tie.level >= VOTING_LEVEL else "核实身份后可以自荐、推荐邻居"
            text = f"{may}，{instant_text(call.until)} 截止。"
            cards.append(Card(call.title, "提名中", text, href, Tone.WAIT, 35))
        elif call.listed_until is not None:
            text = f"候选人公示到 {instant_text(call.listed_until)}。"
            cards.append(Card(call.title, "候选人公示中", text, href, Tone.WAIT, 45))
    for petition in elections.collecting_at(session, at):
        if now < petition.until and elections.signed_by(session, petition.id):
            href, kind = f"/recall/{petition.public_id}", recalls.kind_of_petition(session, petition)
            title = f"罢免{kind.title}{kind.offices[Office.MEMBER]}联名"
            cards.append(Card(title, "联名中", "点开看理由和进度。", href, Tone.PLAIN, 55))
    return cards


def _card(session: Session, vote: Vote, dwelling: Dwelling, tie: Tie | None, now: datetime) -> Card:
    href = f"/v/{vote.public_id}?d={dwelling.public_id}"
    if vote.state == State.RESULT:
        return _result(session, vote, now)
    if vote.state == State.PUBLISHED and vote.opens_at is not None:
        return Card(vote.title, "公示中", f"{china_text(vote.opens_at)} 开始投票，请先看公告。", href, Tone.WAIT, 40)
    if not reading.accepts_ballots(vote, now):
        return Card(vote.title, "已截止", "正在计票，结果会在这里公布。", href, Tone.PLAIN, 60)
    closes = f"{instant_text(vote.closes_at)} 截止。" if vote.closes_at else ""
    if tie is None:
        return Card(vote.title, "投票中", closes, href, Tone.PLAIN, 40)
    mine = [
        each
        for each in reading.my_lines(session, vote, tie.account_id)
        if dwelling.public_id in each.line.value.dwellings
    ]
    free = [each for each in mine if each.refusal is None]
    if free and all(each.ballot for each in free):
        return Card(vote.title, "已投票", "您家的票已经投出，可以查看回执。", href, Tone.OK, 60)
    if free:
        return Card(vote.title, "未投票", closes, href, Tone.TODO, 10)
    if any(each.refusal and each.refusal.code == "verify-first" for each in mine):
        return Card(vote.title, "要先核实身份", f"核实后就能投票。{closes}", href, Tone.WAIT, 20)
    if vote.electorate == Electorate.REPRESENTATIVES:
        return Card(vote.title, "投票中", f"这次由居民代表投票。{closes}", href, Tone.PLAIN, 50)
    return Card(vote.title, "投票中", f"这次由业主投票。{closes}" if mine else closes, href, Tone.PLAIN, 50)


def _result(session: Session, vote: Vote, now: datetime) -> Card:
    href, standing = f"/v/{vote.public_id}/result", results.standing_of(session, vote.id)
    if standing is None or standing.stage == Stage.FINAL:
        return Card(vote.title, "最终结果", "点开看计票结果。", href, Tone.PLAIN, 70)
    if now < standing.ends_at:
        text = f"初步结果公示到 {instant_text(standing.ends_at)}，有异议可以提出。"
        return Card(vote.title, "结果公示中", text, href, Tone.WAIT, 65)
    return Card(vote.title, "公示期满", "有异议或者疑问要先处理，由街道确认最终结果。", href, Tone.PLAIN, 68)


def objections_waiting(session: Session, person_id: int | None, now: datetime) -> dict[int, int]:
    """Vote → objections to its roll or result that wait for an answer, at the places somebody is in charge of."""
    mine = grants.places_for(session, person_id, preparing.MANAGE, now)
    if not mine:
        return {}
    waiting = Counter(rolls.waiting_by_vote(session)) + Counter(results.waiting_by_vote(session))
    return {
        vote_id: waiting[vote_id]
        for vote_id, path in rolls.paths_of(session, waiting)
        if any(is_within(path, each.path) for each in mine)
    }
