"""A household on the roster, and what somebody who claims it does."""

import re

import pytest

from kernel import clock
from kernel.database import reading, transaction, use_case
from kernel.people.models import Tie
from kernel.people.queries import tie_of
from kernel.places.models import DoorCode
from kernel.places.queries import dwellings_of_estate
from portal import jobs
from tests.factories import Factory
from tests.portal.conftest import Phone


class Home:
    """An estate with one household on the roster: 陈秀英 (13800000001), her husband 王建国, a tenant."""

    def __init__(self) -> None:
        make = self.make = Factory()
        self.estate = make.estate()
        self.dwelling, self.next_door = dwellings_of_estate(reading(), self.estate.id)[:2]
        self.chen = make.person("陈秀英", "13800000001")
        make.holding(self.chen, self.dwelling)
        make.holding(make.person("王建国", None), self.dwelling, "co_owner")
        make.holding(make.person("赵六六", "13900000003"), self.dwelling, "tenant")
        make.holding(make.person("老局", "07518880001", "natural"), self.next_door)
        self.code = "7K3M9QXT2B"
        self._label()

    @use_case
    def _label(self) -> None:
        with transaction() as session:
            session.add(DoorCode(code=self.code, dwelling_id=self.dwelling.id, issued_at=clock.now()))

    def worker(self, app, wechat) -> Phone:
        """A signed-in community worker of the estate."""
        self.make.grant(self.make.account("o-worker"), "community_worker", self.estate)
        worker = Phone(app, wechat)
        worker.sign_in("o-worker")
        return worker

    def tie(self, openid: str) -> Tie | None:
        """The live tie of an account to the dwelling."""
        return tie_of(reading(), self.make.account(openid).id, self.dwelling.id)


@pytest.fixture
def home(product_app):
    return Home()


@pytest.fixture
def chen(phone):
    phone.sign_in("o-chen")
    return phone


def claim(phone, home, name="陈秀英", tail="0001", **more):
    key = more.pop("key", None)
    body = {"door_code": home.code, "name": name, "phone_tail": tail, **more}
    return phone.post("/api/v1/claims", body, key)


def deliver():
    while jobs.deliver_news(now=clock.now()):
        pass


def received(wechat, to="13800000001"):
    return re.search(r"验证码 (\d{6})", wechat.texts(to)[0]["text"])[1]
