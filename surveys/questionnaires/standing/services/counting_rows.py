"""Reading and moving what counts for a dwelling. Steps of use cases: callers hold the transaction."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import insert_ignoring
from surveys.questionnaires.models import Response, TallyQueue, ValidResponse
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.standing import NOTHING, Counting, Evidence, Given, given
from surveys.questionnaires.rules.subjects import Speaks, speaks_as
from surveys.questionnaires.second_visitors import queries as second_visitors
from surveys.questionnaires.services.forms import form_of
from surveys.questionnaires.standing import queries
from surveys.questionnaires.standing.models import OwnerResponse


def speaks(session: Session, response: Response) -> Speaks:
    """For whom a stored sheet speaks."""
    return speaks_as(form_of(session, response.version_id).document, response.relation, response.answers)


def given_of(session: Session, response: Response) -> Given:
    """The standing of a stored sheet as it is known now: an account that proved itself since has proved it, too."""
    found = given(
        Channel(response.channel),
        account_id=response.account_id,
        speaks=speaks(session, response),
        level=queries.level_of(session, response.account_id, response.dwelling_id),
        confirmed=queries.is_confirmed(session, response.id),
        accompanied=response.channel == Channel.WORKER_VISIT and second_visitors.is_confirmed(session, response.id),
    )
    if queries.was_chosen(session, response.id):
        return Given(found.account_id, found.speaks, Evidence.SETTLED, found.own)
    return found


def counting_for_change(session: Session, campaign_id: int, dwelling_id: int) -> Counting:
    """What counts for a dwelling, locked until the transaction ends."""
    needs = queries.valid_for_change(session, campaign_id, dwelling_id)
    if needs is None:
        return NOTHING
    owners = queries.owner_response_id(session, campaign_id, dwelling_id)
    if owners is None and speaks(session, queries.response_by_id(session, needs)) == Speaks.OWNER:
        owners = needs
    return Counting(needs, owners)


def move(session: Session, campaign_id: int, dwelling_id: int, before: Counting, now_counts: Counting) -> None:
    """Let other sheets count for a dwelling (its row is locked, or there is none), and the counters hear of it."""
    where = {"campaign_id": campaign_id, "dwelling_id": dwelling_id}
    same = [ValidResponse.campaign_id == campaign_id, ValidResponse.dwelling_id == dwelling_id]
    if now_counts.needs is None:
        session.execute(sa.delete(ValidResponse).where(*same))
    elif before.needs is None:
        session.execute(sa.insert(ValidResponse).values(**where, response_id=now_counts.needs))
    elif before.needs != now_counts.needs:
        session.execute(sa.update(ValidResponse).where(*same).values(response_id=now_counts.needs))
    if now_counts.owners is None or now_counts.owners == now_counts.needs:
        session.execute(
            sa.delete(OwnerResponse).where(
                OwnerResponse.campaign_id == campaign_id, OwnerResponse.dwelling_id == dwelling_id
            )
        )
    else:
        session.execute(
            insert_ignoring(session, OwnerResponse)
            .values(**where, response_id=now_counts.owners)
            .on_conflict_do_update(
                index_elements=["campaign_id", "dwelling_id"], set_={"response_id": now_counts.owners}
            )
        )
    out, into = before.parts() - now_counts.parts(), now_counts.parts() - before.parts()
    rows = [{"response_id": one, "sign": -1, "part": part} for one, part in sorted(out)]
    rows += [{"response_id": one, "sign": 1, "part": part} for one, part in sorted(into)]
    if rows:
        session.execute(sa.insert(TallyQueue), rows)
