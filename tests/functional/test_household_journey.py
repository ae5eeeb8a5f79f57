"""One household's whole journey, over HTTP, on both databases, with the sandbox playing WeChat.

The office imports the roster and prints the labels; a household scans its door, proves itself, answers, votes and pays;
a worker does it for a neighbour without a phone; the leader and the city see it; the books and the chain hold.
"""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from flask import Flask

from kernel import database
from kernel.clock import now as clock_now
from kernel.logging import OWN_LOGGERS, JsonLines, RedactionFilter
from kernel.places.queries import dwelling_by_door_code, place_by_code
from payments import terms
from payments.gateways import registry
from payments.models import CollectionMode
from payments.services.collections import open_collection
from sandbox.testing import Running
from surveys.questionnaires import data
from surveys.questionnaires.services import forms
from tests.factories import Factory
from tests.functional.journey import Phone, run_jobs, sandbox_settings, served
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import drawn

ESTATE, STREET = "journey-estate", "journey-street"
OWNER, OWNER_PHONE, DOOR = "黄树根", "19900100111", "1栋1单元201"
NEIGHBOUR_DOOR = "1栋1单元102"
ROSTER = Path(__file__).parents[1] / "data" / "roster_good.xlsx"


@pytest.fixture(scope="module")
def wechat() -> Iterator[Running]:
    with Running() as running:
        yield running


@pytest.fixture
def app(make_app: Callable[..., Flask], wechat: Running) -> Iterator[Flask]:
    app = make_app(**sandbox_settings(wechat))
    with app.app_context():
        yield app
    wechat.reset()


@pytest.fixture
def city(app: Flask) -> Iterator[str]:
    """The address of a city with one empty estate and its officers; nothing of the story is there yet."""
    make = Factory()
    street = make.place("street", make.place("district", make.city(), "浈江区"), "东河街道", STREET)
    make.place("estate", make.place("community", street, "启明社区"), "织布厂西区宿舍", ESTATE)
    with served(app) as url:
        gateway = registry.of("wechat", app.extensions["gongjian.config"].pay_mchid)
        registry.configure([gateway], base_urls={"shaoguan": url})
        yield url


def command(app: Flask, *arguments: str) -> str:
    """Run one of the office's commands."""
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def labels(app: Flask, folder: Path) -> dict[str, str]:
    """Print the door labels and read them back as a camera does: dwelling's label -> door code."""
    command(app, "qr", "sheets", "--estate", ESTATE, "--out", str(folder))
    found: dict[str, str] = {}
    for sheet in sorted(folder.glob("*.pdf")):
        for page in pypdfium2.PdfDocument(sheet):
            for barcode in zxingcpp.read_barcodes(page.render(scale=1.6).to_pil()):
                found[barcode.text.rsplit("/", 1)[1]] = barcode.text
    with app.app_context():
        return {dwelling_by_door_code(database.reading(), code).label: code for code in found}


@pytest.fixture
def log(app: Flask) -> Iterator[io.StringIO]:
    """All that is logged, by whomever and however chatty he is made, as it leaves the filter."""
    written, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.addFilter(RedactionFilter())
    handler.setFormatter(JsonLines())
    before, own = root.level, {name: logging.getLogger(name).level for name in OWN_LOGGERS}
    root.addHandler(handler)
    for name in own:
        logging.getLogger(name).setLevel("DEBUG")
    yield written
    root.removeHandler(handler)
    root.setLevel(before)
    for name, level in own.items():
        logging.getLogger(name).setLevel(level)


def _texts(answers: Any) -> Iterator[str]:
    """The words of a sheet's free texts."""
    for value in answers.values() if isinstance(answers, dict) else answers if isinstance(answers, list) else ():
        if isinstance(value, dict | list):
            yield from _texts(value)
        elif isinstance(value, str) and not value.isascii():
            yield value


def test_a_household_answers_votes_and_pays_and_everybody_sees_what_is_his_to_see(
    app: Flask, city: str, wechat: Running, tmp_path: Path, log: io.StringIO
) -> None:
    # 1 and 2: register and labels
    told = json.loads(command(app, "roster", "import", str(ROSTER), "--estate", ESTATE, "--json"))
    assert (told["new"], told["bad_rows"], told["written"]) == (96, 0, True)
    codes = labels(app, tmp_path)
    assert len(codes) == 96
    command(app, "user", "grant", "o-worker", "community_worker", ESTATE)
    command(app, "user", "grant", "o-leader", "group_leader", ESTATE)
    command(app, "user", "grant", "o-street", "street_officer", STREET)

    # 3: the owner scans his door, before sign-in it names nobody; he proves himself by the code to the roster's phone
    owner = Phone(city, wechat, "o-owner", "黄树根")
    before = owner.page(f"/h/{codes[DOOR]}")
    assert "织布厂西区宿舍" in before
    assert "黄" not in before
    owner.sign_in()
    claim = owner.post("/api/v1/claims", {"door_code": codes[DOOR], "name": OWNER, "phone_tail": OWNER_PHONE[-4:]}, 201)
    assert claim["level"] == 1
    home = claim["dwelling"]
    owner.post(f"/api/v1/claims/{claim['id']}/code", {}, 202)
    run_jobs()
    (message,) = wechat.texts(OWNER_PHONE)
    digits = re.search(r"\b(\d{6})\b", message["text"])
    assert digits
    assert owner.post(f"/api/v1/claims/{claim['id']}/confirm", {"code": digits.group(1)}, 200)["level"] == 2

    # 4: the street opens the questionnaire; the household answers all of it, once
    street = Phone(city, wechat, "o-street", "街道").sign_in()
    version = forms.load(data.shipped("estate-renovation-needs"), actor="test", now=clock_now()).version.public_id
    campaign = street.post(
        "/api/v1/staff/campaigns", {"version": version, "title": "年度问卷", "year": 2026, "places": [ESTATE]}, 201
    )["campaign"]
    street.post(f"/api/v1/staff/campaigns/{campaign}/open", {}, 200)
    assert "问卷" in owner.page(f"/d/{home}")

    def signed(phone: Phone, dwelling: str, channel: str) -> str:
        """An uploaded signature."""
        form = {"dwelling": dwelling, "channel": channel, "purpose": "signature"}
        name: str = phone.upload(f"/api/v1/campaigns/{campaign}/attachments", drawn(), **form)["file"]
        return name

    def sheet(phone: Phone, dwelling: str, channel: str, *signatures: str) -> dict[str, object]:
        """A complete sheet with the signatures its channel asks for."""
        files = {question: signed(phone, dwelling, channel) for question in signatures}
        return {"dwelling": dwelling, "channel": channel, "answers": {**FULL, **files}}

    mine = sheet(owner, home, "wechat_self", "q38")
    first = owner.post(f"/api/v1/campaigns/{campaign}/responses", mine, 201, key="the-owners-own-key")
    again = owner.post(f"/api/v1/campaigns/{campaign}/responses", mine, 201, key="the-owners-own-key")
    assert first == again
    # Handed in again until the close, it corrects the household's one sheet.
    corrected = owner.post(f"/api/v1/campaigns/{campaign}/responses", mine, 201)
    assert corrected["standing"] == "counts"
    assert corrected["response"] != first["response"]

    # 5: an owners' motion under §278; the choice is nowhere, the turnout is
    vote = street.post(
        "/api/v1/votes",
        {
            "place": ESTATE,
            "title": "是否使用维修资金更换水泵",
            "notice_days": 0,
            "motions": [{"matter": "owners.fund_use", "title": "是否同意使用维修资金更换水泵"}],
        },
        201,
    )
    url = f"/api/v1/votes/{vote['id']}"
    street.post(f"{url}/publication", {}, 200)
    street.post(f"{url}/opening", {}, 200)
    (line,) = owner.get(f"{url}/lines")["lines"]
    text_hash = owner.get(url)["text_hash"]
    ballot = {"line_id": line["id"], "text_hash": text_hash, "choices": {vote["motions"][0]["id"]: "approve"}}
    receipt = owner.post(f"{url}/ballots", ballot, 201)
    owner.post(f"{url}/ballots", ballot, 409)
    assert [row["receipt_no"] for row in street.get(f"{url}/board")["receipts"]] == [receipt["receipt_no"]]
    street.get(f"{url}/result", 409)

    # 6: 500 yuan by WeChat Pay; the callback comes twice and is credited once
    open_collection(
        estate_id=place_by_code(database.reading(), ESTATE).id,
        mode=CollectionMode.DEPOSIT_THEN_CONTRIBUTION,
        account_holder="东河街道办事处",
        account_bank="韶关农商银行东河支行",
        account_tail="0187",
        merchant_id=app.extensions["gongjian.config"].pay_mchid,
        series="donghe",
        largest_fen=5_000_000,
        actor="test",
        now=clock_now(),
    )
    deposit = owner.post(
        f"/api/v1/dwellings/{home}/deposits", {"amount_fen": 50_000, "terms_version": terms.CURRENT}, 201
    )["id"]
    wechat.hold_callbacks()
    owner.post(f"/api/v1/deposits/{deposit}/attempts", {}, 201)
    (order,) = wechat.orders()
    wechat.pay(order["out_trade_no"])
    for _ in range(2):
        wechat.send_callback(order["out_trade_no"])
    run_jobs()
    assert owner.get(f"/api/v1/deposits/{deposit}")["state"] == "paid"
    shown = owner.page(f"/receipt/{deposit}")
    assert "500.00" in shown
    assert "伍佰元整" in shown

    # the worker at the door of a neighbour without a phone
    worker = Phone(city, wechat, "o-worker", "工作人员").sign_in()
    assert NEIGHBOUR_DOOR in worker.page(f"/work/h/{codes[NEIGHBOUR_DOOR]}")
    neighbour = worker.http.get(f"{city}/work/h/{codes[NEIGHBOUR_DOOR]}", timeout=120).url.rsplit("/", 1)[1]
    visit = sheet(worker, neighbour, "worker_visit", "q38", "q38_visitor_1", "q38_visitor_2")
    worker.post(f"/api/v1/campaigns/{campaign}/responses", visit, 201)
    run_jobs()

    # 7: the leader's board: doors and words, no name, no amount of a door, his own estate only
    leader = Phone(city, wechat, "o-leader", "组长").sign_in()
    board = leader.page(f"/board/{ESTATE}")
    for words in ("201", "已缴", "未填", "96"):
        assert words in board
    assert "黄树根" not in board
    owner.page(f"/board/{ESTATE}", 403)
    stranger = Phone(city, wechat, "o-stranger", "别处的人").sign_in()
    for path in (f"/d/{home}", f"/receipt/{deposit}", f"/q/{campaign}/{home}"):
        stranger.page(path, 404)

    # 8: the public city page, and the proofs
    assert "韶关" in stranger.page("/city")
    assert "黄树根" not in stranger.page(f"/books/{place_by_code(database.reading(), ESTATE).public_id}")
    command(app, "books", "check")
    command(app, "audit", "verify")
    command(app, "audit", "compare")

    # 9: what the machine wrote down of all this names nobody and opens nothing
    opens = [value for phone in (owner, street, worker, leader) for value in phone.http.cookies.values()]
    assert opens
    for secret in (OWNER, OWNER_PHONE, digits.group(1), "o-owner", "approve", *opens, *_texts(FULL)):
        assert secret not in log.getvalue(), secret
