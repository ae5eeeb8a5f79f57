"""Pictures of a sheet: whose they are, once each, and forgotten when nobody used them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel.database import reading
from kernel.errors import Invalid
from surveys.questionnaires.models import Attachment, Response
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.services import attachments
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import NOW, drawn


def count_of(table):
    return reading().scalar(sa.select(sa.func.count()).select_from(table))


def test_a_sheet_uses_only_pictures_uploaded_for_it_by_the_same_account(survey):
    home, other = survey.dwellings[:2]
    account, neighbour = survey.owner(home), survey.owner(other)
    theirs = survey.signature(neighbour, other)
    with pytest.raises(Invalid, match="no-such-file"):
        survey.submit(account, home, answers={**FULL, "q38": theirs})
    with pytest.raises(Invalid, match="no-such-file"):
        survey.submit(account, home, answers=dict(FULL))
    assert count_of(Response) == 0
    survey.submit(neighbour, other, answers={**FULL, "q38": theirs})
    used = reading().scalar(sa.select(Attachment).where(Attachment.public_id == theirs))
    assert used.response_id is not None


def test_pictures_nobody_used_are_forgotten_after_thirty_days(survey):
    home = survey.dwellings[0]
    account = survey.owner(home)
    survey.submit(account, home)
    survey.signature(account, home)
    assert attachments.forget_unused(now=NOW + timedelta(days=29)) == 0
    assert attachments.forget_unused(now=NOW + timedelta(days=31)) == 1
    assert count_of(Attachment) == 1


def test_one_upload_sent_twice_is_kept_once(survey):
    home = survey.dwellings[0]
    account = survey.owner(home)
    key = survey.key(account)

    def send():
        return attachments.attach(
            survey.campaign,
            home.public_id,
            purpose="signature",
            data=drawn(),
            channel=Channel.WECHAT_SELF,
            account_id=account.id,
            person_id=None,
            key=key,
            now=NOW,
        )

    assert send() == send()
    assert count_of(Attachment) == 1
