"""Paper ballots over HTTP: a worker's day at the desk, on both databases."""

from datetime import timedelta

import pypdfium2

from kernel import clock
from kernel.database import reading
from kernel.places.queries import ancestors
from surveys.votes import queries
from tests.factories import Factory
from tests.surveys.votes.paper.stories import AT, a_worker, photo_of
from tests.surveys.votes.stories import (
    CLOSES,
    PUMP,
    SCHEME,
    Estate,
    drafted,
    filled,
    line_of,
    opened,
    turnout,
    vote_row,
)
from tests.surveys.votes.test_http import text_of

JUST = timedelta(minutes=1)


def test_a_door_asks_for_paper_and_two_workers_key_it(estate: Estate, make: Factory) -> None:
    vote_id = opened(estate, PUMP, SCHEME)
    first, second = a_worker(make, estate), a_worker(make, estate)
    one, two = make.signed_in(first.account), make.signed_in(second.account)
    with clock.at(AT):
        assert "小区共同事项表决" in text_of(one.get("/work/papers"))
        assert "纸质表决票" in text_of(one.get("/"))
        found = one.get(f"/work/votes/{vote_id}/papers?door=101")
        assert "还没有纸质票" in text_of(found)
        printed = one.post(f"/api/v1/votes/{vote_id}/papers", json={"lines": [line_of(vote_id, "1栋1单元101")]})
        assert printed.status_code == 201, printed.json
        assert printed.json == {
            "printed": 1, "returned": 0, "void": 0, "unreturned": 1, "settled": 0, "adds_up": True
        }  # fmt: skip
        sheets = one.get(f"/work/votes/{vote_id}/papers.pdf")
        text = pypdfium2.PdfDocument(sheets.data)[0].get_textpage().get_text_bounded()
        serial = queries_serial(vote_id)
        assert "1栋1单元101、1栋1单元102" in text
        assert one.get(f"/work/papers?code={serial.lower()}").headers["Location"] == f"/work/papers/{serial}"
        handed = one.post(f"/api/v1/papers/{serial}/handing", json={"asked_by": "本人", "to": "陈秀英"})
        assert (handed.status_code, handed.json["state"]) == (200, "handed")
        page = text_of(one.get(f"/work/papers/{serial}"))
        assert "给整张选票拍照" in page
        assert "陈秀英" not in page
        bare = one.post(f"/api/v1/papers/{serial}/return", json={"evidence": []})
        assert (bare.status_code, bare.json["code"]) == (422, "photo-needed")
        back = one.post(f"/api/v1/papers/{serial}/return", json={"evidence": [photo_of(first, estate)]})
        assert back.json["state"] == "returned"
        sent = {"choices": filled(vote_id, "approve", "spoilt"), "signed": True}
        assert one.post(f"/api/v1/papers/{serial}/keying", json=sent).json["state"] == "keyed"
        again = one.post(f"/api/v1/papers/{serial}/keying", json=sent)
        assert (again.status_code, again.json["code"]) == (403, "same-person")
        assert "要由另一位工作人员再录一次" in text_of(one.get(f"/work/papers/{serial}"))
        differs = two.post(
            f"/api/v1/papers/{serial}/keying", json={"choices": filled(vote_id, "against", "spoilt"), "signed": True}
        )
        assert differs.json["state"] == "differs"
        third = make.signed_in(a_worker(make, estate).account)
        told = text_of(third.get(f"/work/papers/{serial}"))
        assert "对着原件，选对的一种。" in told
        motion = next(iter(filled(vote_id, "against", "spoilt")))
        decided = third.post(f"/api/v1/papers/{serial}/decision", json={"decided": {motion: "against"}})
        assert decided.json["state"] == "settled", decided.json
        assert "收回 1" in text_of(one.get(f"/work/votes/{vote_id}/papers"))
        assert turnout(vote_id).lines == 1
        chen = make.signed_in(estate.accounts["chen"])
        mine = text_of(chen.get(f"/v/{vote_id}"))
        assert "这一票已经用纸质票投出" in mine
        sent = {
            "line_id": line_of(vote_id, "1栋1单元101"),
            "text_hash": vote_row(vote_id).text_hash,
            "choices": filled(vote_id, "approve", "approve"),
        }
        with clock.at(AT + JUST):
            refused = chen.post(f"/api/v1/votes/{vote_id}/ballots", json=sent)
        assert (refused.status_code, refused.json["code"]) == (409, "already-cast")


def queries_serial(vote_id: str) -> str:
    from surveys.votes.paper.queries import papers_of_vote

    session = reading()
    (paper,) = papers_of_vote(session, queries.vote_by_public_id(session, vote_id).id)
    return paper.serial


def test_residents_and_other_places_do_not_come_near_paper(estate: Estate, make: Factory) -> None:
    vote_id = opened(estate)
    with clock.at(AT):
        worker = make.signed_in(a_worker(make, estate).account)
        worker.post(f"/api/v1/votes/{vote_id}/papers", json={"lines": [line_of(vote_id, "1栋1单元101")]})
        serial = queries_serial(vote_id)
        chen = make.signed_in(estate.accounts["chen"])
        for path in (f"/work/votes/{vote_id}/papers", f"/work/papers/{serial}", "/work/papers"):
            assert chen.get(path).status_code == 403
        assert chen.post(f"/api/v1/papers/{serial}/void", json={"reason": "lost"}).status_code == 403
        elsewhere = make.account()
        make.grant(elsewhere, "community_worker", make.estate("别处"))
        stranger = make.signed_in(elsewhere)
        for path in (f"/work/votes/{vote_id}/papers", f"/work/votes/{vote_id}/papers.pdf", f"/work/papers/{serial}"):
            assert stranger.get(path).status_code == 404, path
        assert stranger.post(f"/api/v1/papers/{serial}/void", json={"reason": "lost"}).status_code == 404
        assert worker.post(f"/api/v1/papers/{serial}/void", json={"reason": "fun"}).status_code == 422
        fresh = worker.post(f"/api/v1/papers/{serial}/void", json={"reason": "spoilt", "reprint": True})
        assert (fresh.json["number"], fresh.json["state"]) == (2, "printed")


def test_the_terms_are_set_on_the_draft_and_printed_on_the_notice(estate: Estate, make: Factory) -> None:
    vote_id = drafted(estate, PUMP, closes_at=CLOSES)
    street = next(place for place in ancestors(reading(), estate.place) if place.kind == "street")
    account = make.account()
    make.grant(account, "street_officer", street)
    officer = make.signed_in(account)
    with clock.at(AT):
        assert "投票办法" in text_of(officer.get(f"/work/votes/{vote_id}"))
        sent = {"clash": "paper", "paper": True, "agent_limit": 3, "bar_staff": True}
        assert officer.post(f"/api/v1/votes/{vote_id}/terms", json=sent).status_code == 200
        assert officer.post(f"/api/v1/votes/{vote_id}/terms", json={**sent, "agent_limit": 51}).status_code == 422
        assert officer.post(f"/api/v1/votes/{vote_id}/publication", json={}).status_code == 200
        notice = text_of(officer.get(f"/v/{vote_id}"))
        assert "以纸质票为准，手机票留存不计" in notice
        assert "每名代理人最多代理 3 票" in notice
        late = officer.post(f"/api/v1/votes/{vote_id}/terms", json=sent)
        assert (late.status_code, late.json["code"]) == (409, "announced")
