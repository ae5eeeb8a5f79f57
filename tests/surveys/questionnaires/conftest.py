"""An open campaign of the official sheet in one estate, and households ready to answer it."""

import io
import itertools
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw

from kernel import clock
from kernel.database import reading
from kernel.idempotency import Key
from kernel.people.models import Account
from kernel.places import queries as places
from kernel.places.models import Dwelling, Place
from surveys.questionnaires import data
from surveys.questionnaires.models import Purpose
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.services import attachments, campaigns, forms, responses
from tests.factories import Factory
from tests.surveys.questionnaires.answers import FULL

NOW = datetime.fromisoformat("2026-11-22T10:00:00+08:00")


def drawn() -> bytes:
    """A signature as a phone sends it: dark strokes on nothing."""
    picture = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(30, 150), (120, 40), (200, 160), (350, 60)], fill=(17, 17, 17, 255), width=6)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@dataclass
class Survey:
    """A campaign under test with what its calls need. ``home(n)``: the n-th dwelling of the estate."""

    make: Factory
    estate: Place
    campaign: str
    version: str
    dwellings: list[Dwelling]
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def owner(self, dwelling: Dwelling, level: int = 1) -> Account:
        """An account that speaks for a dwelling."""
        account = self.make.account(f"o-{dwelling.label}-{next(self._numbers)}")
        self.make.tie(account, dwelling, level=level)
        return account

    def key(self, account: Account, token: str = "") -> Key:
        """A client-made key of an account."""
        return Key(f"account:{account.public_id}", token or str(uuid.uuid4()), "0" * 64)

    def signature(self, account: Account, dwelling: Dwelling, channel: Channel = Channel.WECHAT_SELF) -> str:
        """An uploaded signature."""
        return attachments.attach(
            self.campaign,
            dwelling.public_id,
            purpose=Purpose.SIGNATURE,
            data=drawn(),
            channel=channel,
            account_id=account.id,
            person_id=account.person_id,
            key=self.key(account),
            now=NOW,
        )

    def answers(self, account: Account, dwelling: Dwelling, **changes: Any) -> dict[str, Any]:
        """A complete sheet with a signature that was really uploaded."""
        return {**FULL, "q38": self.signature(account, dwelling), **changes}

    def submit(self, account: Account, dwelling: Dwelling, **changes: Any) -> responses.Receipt:
        """Hand in a sheet: the complete one unless told otherwise."""
        call: dict[str, Any] = {
            "channel": Channel.WECHAT_SELF,
            "account_id": account.id,
            "person_id": account.person_id,
            "actor": f"account:{account.public_id}",
            "now": NOW,
            **changes,
        }
        if "answers" not in call:
            call["answers"] = self.answers(account, dwelling)
        call.setdefault("key", self.key(account))
        return responses.submit(self.campaign, dwelling.public_id, **call)


def open_survey(make: Factory, now: datetime = NOW, document: Any = None, floors: int = 4) -> Survey:
    """An open campaign in 桃园北巷 (two homes a floor, no lift), closing in a week.

    ``document``: another questionnaire than the official sheet.
    """
    estate = make.estate(floors=floors, doors=2)
    with clock.at(now):
        loaded = forms.load(document or data.shipped("estate-renovation-needs"), actor="test", now=now)
        campaign = campaigns.create(
            version=loaded.version.public_id,
            title="2026年居民问卷",
            year=2026,
            place_codes=[estate.code],
            opens_at=None,
            closes_at=now + timedelta(days=7),
            person_id=None,
            actor="test",
            now=now,
        )
        campaigns.open_by_hand(campaign, person_id=None, actor="test", now=now)
    dwellings = list(places.dwellings_of_estate(reading(), estate.id))
    return Survey(make, estate, campaign, loaded.version.public_id, dwellings)


@pytest.fixture
def survey(app, make) -> Survey:
    """See ``open_survey``."""
    return open_survey(make)
