"""This year's form begins with last year's: what it shows of it, and a draft made of it."""

from datetime import datetime

from kernel.database import reading
from kernel.idempotency import Key
from surveys.questionnaires.drafts import services as drafts
from surveys.questionnaires.needs import services
from surveys.questionnaires.needs.services import LastYear
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.services import responses
from surveys.questionnaires.services.responses import PROVED, WORKER, Standing


def shown(standing: Standing, *, account_id: int) -> LastYear | None:
    """What the form shows of last time; None without a campaign before. Last year's answers only for whoever could
    read them as this year's: the household's proved members, who filled it in, and its worker."""
    return services.last_year(
        reading(),
        standing.campaign,
        standing.dwelling,
        standing.estate,
        account_id=account_id,
        proved=_proved(standing, account_id),
    )


def _proved(standing: Standing, account_id: int) -> bool:
    return standing.relation == WORKER or responses.level_at(standing.dwelling.id, account_id) >= PROVED


def begin(
    campaign: str, dwelling: str, *, account_id: int, person_id: int | None, key: Key, now: datetime
) -> tuple[int, int]:
    """Put last time's answers into a new draft; (its number, how many answers). Raises NotFound (nothing to begin with,
    or another household's), Conflict (a draft has been begun), Gone."""
    standing = responses.standing(campaign, dwelling, account_id=account_id, person_id=person_id, now=now)
    answers = services.answers_to_copy(
        reading(),
        standing.campaign,
        standing.dwelling,
        standing.estate,
        account_id=account_id,
        proved=_proved(standing, account_id),
        now=now,
    )
    channel = Channel.WORKER_VISIT if standing.relation == WORKER else Channel.WECHAT_SELF
    number = drafts.save(
        campaign,
        dwelling,
        number=0,
        changes=answers,
        channel=channel,
        at="",
        account_id=account_id,
        person_id=person_id,
        key=key,
        now=now,
    )
    return number, len(answers)
