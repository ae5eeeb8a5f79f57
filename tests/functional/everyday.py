"""What residents do all day: sign, hand in a sheet, vote, pledge, begin to pay; over HTTP, each under one key."""

import io
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kernel import clock
from payments import terms
from tests.factories import Factory, Visitor
from tests.payments.world import FULL as DEPOSIT_FEN
from tests.payments.world import World
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import drawn, open_survey
from tests.surveys.votes.stories import PUMP, an_estate, filled, line_of, opened, vote_row


@dataclass
class Deed:
    """One request of a resident, sent under one key as often as it takes. ``made``: the table it adds one row to."""

    made: str
    client: Visitor
    url: str
    body: Callable[[], dict[str, Any]]
    key: str

    def send(self) -> Any:
        return self.client.post(self.url, key=self.key, **self.body())


def everyday(make: Factory) -> Iterator[Deed]:
    """Sign, hand in a sheet, vote, pledge, begin to pay; each set up when it is asked for."""
    now = clock.now()

    def deed(made: str, client: Visitor, url: str, body: Callable[[], dict[str, Any]]) -> Deed:
        return Deed(made, client, f"/api/v1/{url}", body, str(uuid.uuid4()))

    survey = open_survey(make, now=now)
    home = survey.dwellings[0]
    owner = make.signed_in(survey.owner(home))
    form = {"dwelling": home.public_id, "channel": "wechat_self", "purpose": "signature"}

    def signature() -> dict[str, Any]:
        return {"data": {**form, "file": (io.BytesIO(drawn()), "s.png")}}

    upload = deed("attachment", owner, f"campaigns/{survey.campaign}/attachments", signature)
    yield upload
    sheet = {
        "dwelling": home.public_id,
        "channel": "wechat_self",
        "answers": {**FULL, "q38": upload.send().json["file"]},
    }
    yield deed("response", owner, f"campaigns/{survey.campaign}/responses", lambda: {"json": sheet})

    estate = an_estate(make)
    vote = opened(estate, PUMP, now=now, closes_at=now + timedelta(days=3))
    ballot = {
        "line_id": line_of(vote, "1栋1单元101"),
        "text_hash": vote_row(vote).text_hash,
        "choices": filled(vote, "approve"),
    }
    voter = make.signed_in(estate.accounts["chen"])
    yield deed("ballot", voter, f"votes/{vote}/ballots", lambda: {"json": ballot})

    world = World(make)
    payer = make.signed_in(world.payer())
    amount = {"amount_fen": DEPOSIT_FEN, "terms_version": terms.CURRENT}
    pledge = deed("deposit", payer, f"dwellings/{world.homes[0].public_id}/deposits", lambda: {"json": amount})
    yield pledge
    yield deed("payment_attempt", payer, f"deposits/{pledge.send().json['id']}/attempts", lambda: {"json": {}})
