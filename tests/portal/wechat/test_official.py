"""Tokens are shared, and pages are signed: against the sandbox over HTTP, on both databases."""

import hashlib
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.database import reading, transaction, use_case
from kernel.errors import Unavailable
from portal.wechat import services
from portal.wechat.models import WechatCredential
from portal.wechat.port import official_account

URL = "http://localhost/work/scan"


def calls(wechat, name):
    return len(wechat.calls(name))


def test_twelve_threads_that_start_cold_fetch_one_token_and_one_ticket(product_app, wechat):
    signatures, troubles = [], []
    start = threading.Barrier(12)

    def sign():
        with product_app.app_context():
            start.wait()
            try:
                signatures.append(official_account().sign_page(URL, now=clock.now()))
            except Exception as trouble:
                troubles.append(trouble)

    threads = [threading.Thread(target=sign) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert len(signatures) == 12
    assert calls(wechat, "official.stable_token") == 1
    assert calls(wechat, "official.ticket") == 1


def test_the_signature_is_the_one_wechat_computes(product_app, wechat):
    signed = official_account().sign_page(URL, now=clock.now())
    ticket = services.credential(signed.app_id, "jsapi_ticket", pytest.fail)
    text = f"jsapi_ticket={ticket}&noncestr={signed.nonce}&timestamp={signed.timestamp}&url={URL}"
    assert signed.signature == hashlib.sha1(text.encode()).hexdigest()


def test_tokens_are_sealed_at_rest(product_app, wechat):
    official_account().sign_page(URL, now=clock.now())
    ticket = services.credential(wechat.settings.app_id, "jsapi_ticket", pytest.fail)
    for row in reading().scalars(sa.select(WechatCredential)):
        assert ticket.encode() not in row.value_sealed


def test_a_token_is_renewed_five_minutes_before_its_end(product_app, wechat):
    official_account().sign_page(URL, now=clock.now())
    with clock.at(clock.now() + timedelta(seconds=7200 - 290)):
        wechat.advance(7200 - 290)
        official_account().sign_page(URL, now=clock.now())
    assert calls(wechat, "official.stable_token") == 2


def test_a_token_somebody_spoilt_is_renewed_once_and_the_call_repeated_once(product_app, wechat):
    official_account().sign_page(URL, now=clock.now())
    _forget_ticket()
    wechat.post("tokens/spoil")
    official_account().sign_page(URL, now=clock.now())
    assert calls(wechat, "official.stable_token") == 2
    assert calls(wechat, "official.ticket") == 3


@use_case
def _forget_ticket():
    with transaction() as session:
        session.execute(sa.delete(WechatCredential).where(WechatCredential.kind == "jsapi_ticket"))


def test_wechat_that_always_refuses_is_asked_twice_and_no_more(product_app, wechat):
    wechat.fault(
        "official.ticket", "answer", times=10, status=200, answer={"errcode": 40001, "errmsg": "invalid credential"}
    )
    with pytest.raises(Unavailable):
        official_account().sign_page(URL, now=clock.now())
    assert calls(wechat, "official.ticket") == 2


def test_a_worker_that_died_while_fetching_delays_the_others_only_for_its_lease(product_app, wechat):
    services._take_turn(wechat.settings.app_id, "access_token", now=clock.now() - services.LEASE, not_this=None)
    official_account().sign_page(URL, now=clock.now())
    assert calls(wechat, "official.stable_token") == 1


def test_a_failed_fetch_gives_the_turn_back(product_app, wechat):
    def fails():
        raise Unavailable("wechat-failed", "微信服务暂时没有响应。")

    with pytest.raises(Unavailable):
        services.credential("wx1", "access_token", fails)
    assert services.credential("wx1", "access_token", lambda: ("token", 7200)) == "token"


def test_only_our_own_pages_are_signed_and_only_for_the_signed_in(phone):
    assert phone.web.get("/api/v1/wechat/jssdk", query_string={"url": URL}).status_code == 401
    phone.sign_in("o-worker")
    answer = phone.web.get("/api/v1/wechat/jssdk", query_string={"url": URL + "#part"})
    assert answer.status_code == 200
    assert set(answer.json) == {"app_id", "timestamp", "nonce", "signature"}
    for evil in (
        "https://evil.example/",
        "http://localhost.evil.example/",
        "http://localhost@evil.example/",
        "javascript:1",
        "/work",
        "http://localhost\\@evil.example",
    ):
        assert phone.web.get("/api/v1/wechat/jssdk", query_string={"url": evil}).status_code == 403, evil


def test_wechat_being_dead_is_a_problem_answer_in_plain_words(phone, wechat):
    phone.sign_in("o-worker")
    wechat.fault("official.stable_token", "500", times=5)
    answer = phone.web.get("/api/v1/wechat/jssdk", query_string={"url": URL})
    assert answer.status_code == 503
    assert "微信" in answer.json["detail"]
