"""This year's form begins with last year's: what it shows of it, and a draft made of it."""

from collections.abc import Callable
from datetime import datetime

from kernel.database import reading
from kernel.idempotency import Key
from surveys.questionnaires.drafts import services as drafts
from surveys.questionnaires.models import Response
from surveys.questionnaires.needs import services
from surveys.questionnaires.needs.services import LastYear
from surveys.questionnaires.rules.lifecycle import ENTERED, Channel
from surveys.questionnaires.services import responses
from surveys.questionnaires.services.responses import WORKER, Standing
from surveys.questionnaires.standing.services import reviewing


def shown(standing: Standing, *, account_id: int) -> LastYear | None:
    """What the form shows of last time; None without a campaign before. Last year's answers only for whoever could
    read them as they were given: the household's proved members of then, who filled it in, and its worker."""
    return services.last_year(
        reading(),
        standing.campaign,
        standing.dwelling,
        standing.estate,
        may_read=_may_read(standing, account_id),
    )


def _may_read(standing: Standing, account_id: int) -> Callable[[Response], bool]:
    """Who may read last time's sheet: a worker there; whoever handed it in himself; a proved member of the household
    that it was then, on the side the sheet speaks for. Who bought or rented the home since is another household."""

    def may(response: Response) -> bool:
        if standing.relation == WORKER:
            return True
        if response.account_id == account_id and response.channel not in ENTERED:
            return True
        return reviewing.is_of_its_household(reading(), response, account_id, by=response.submitted_at)

    return may


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
        may_read=_may_read(standing, account_id),
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
