"""Whatever comes in, the answer is a refusal in plain words and never a fault of ours."""

import pytest


@pytest.mark.parametrize("odd", ["%00", "%00" * 22, "x" * 22, "..%2f..", "%F0%9F%98%80", "'%20OR%201=1--"])
def test_odd_ids_are_not_found(phone, odd):
    phone.sign_in("o-chen")
    for path in (
        f"/api/v1/claims/{odd}/code",
        f"/api/v1/claims/{odd}/withdraw",
        f"/api/v1/sessions/{odd}/end",
        f"/api/v1/notices/{odd}/read",
    ):
        assert phone.post(path).status_code in (404, 405), path


@pytest.mark.parametrize("odd", ["\\u0000" * 22, "\\ud800" * 22, "\\ud83d\\ude00" * 22, "x" * 22])
def test_odd_dwellings_and_names_are_refused(phone, odd):
    phone.sign_in("o-chen")
    headers = {**phone.write, "Idempotency-Key": "0123456789", "Content-Type": "application/json"}
    for named in ("dwelling", "door_code"):
        body = f'{{"{named}": "{odd}", "name": "{odd[:30]}", "phone_tail": "0001"}}'
        assert phone.web.post("/api/v1/claims", data=body, headers=headers).status_code in (404, 422)


@pytest.mark.parametrize("query", ["?next=" + "/" * 400, "?next=%ed%a0%80", "?next[]=x"])
def test_odd_targets_lead_home(phone, query):
    phone.sign_in("o-chen")
    answer = phone.web.get("/signin" + query)
    assert (answer.status_code, answer.location) == (302, "/")


@pytest.mark.parametrize("query", ["?state=" + "a" * 5000, "?state=%ed%a0%80&code=x", "?code=%F0%9F%98%80"])
def test_odd_returns_from_wechat_are_refused(phone, query):
    phone.leave()
    assert phone.web.get("/oauth/return" + query).status_code == 422


@pytest.mark.parametrize("path", ["/signin?next=%00", "/oauth/return?state=%00", "/h/%00", "/d/%00x", "/%00"])
def test_an_address_with_a_nul_names_nothing(phone, path):
    assert phone.web.get(path).status_code == 404
