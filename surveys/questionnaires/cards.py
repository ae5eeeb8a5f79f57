"""What questionnaires show of themselves on a dwelling's page."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.clock import china_text
from kernel.people.models import Tie
from kernel.places.models import Dwelling
from kernel.places.queries import place_by_id
from kernel.web.cards import Card, Tone
from surveys.questionnaires import queries
from surveys.questionnaires.needs.queries import estate_code, in_estate
from surveys.questionnaires.needs.services import waiting_for_marks
from surveys.questionnaires.paper.queries import open_paper
from surveys.questionnaires.rules.lifecycle import State, takes_answers


def cards_for(session: Session, *, dwelling: Dwelling, tie: Tie | None, now: datetime) -> list[Card]:
    """One card for each campaign that is open in the dwelling's estate; for those who speak for the dwelling."""
    if tie is None:
        return []
    cards = []
    for campaign in queries.open_campaigns(session, dwelling.estate_id):
        href = f"/q/{campaign.public_id}/{dwelling.public_id}"
        if queries.has_valid_response(session, campaign.id, dwelling.id):
            cards.append(Card(campaign.title, "已填", "您家的问卷已经交了，点开看回执。", f"{href}/done", Tone.OK, 60))
        elif takes_answers(State(campaign.state), campaign.closes_at, now):
            until = f"{china_text(campaign.closes_at)} 截止。" if campaign.closes_at else ""
            text = f"问问您家改不改、改什么，大约 10 分钟。{until}"
            if open_paper(session, campaign.id, dwelling.id) is not None:
                text = "社区收到您家一份纸质问卷，正在录入。点开核对。"
                cards.append(Card(campaign.title, "正在录入", text, f"{href}/paper", Tone.WAIT, 10))
                continue
            cards.append(Card(campaign.title, "未填", text, href, Tone.TODO, 10))
    waiting = waiting_for_marks(session, place_by_id(session, dwelling.estate_id), dwelling.id)
    if waiting is not None:
        last, items = waiting
        text = f"{'、'.join(items[:3])}{'等' if len(items) > 3 else ''}：做得怎么样，请您家打个分。"
        cards.append(
            Card("提过的事做了", "未打分", text, f"/q/{last.public_id}/{dwelling.public_id}/effects", Tone.TODO, 40)
        )
    if in_estate(session, dwelling.estate_id):
        text = "大家最想改什么，去年提的事办得怎么样。"
        cards.append(Card("小区问卷结果", "", text, f"/q/e/{estate_code(session, dwelling.estate_id)}", Tone.PLAIN, 85))
    return cards
