"""The door behind a label, the dwelling, home and me: who sees what."""

from flask.testing import FlaskClient

from kernel import clock
from kernel.database import reading, transaction, use_case
from kernel.places.models import DoorCode, Dwelling
from kernel.places.queries import dwellings_of_estate
from tests.factories import Factory

CODE = "7KQ2M9X4PT"


@use_case
def stick_label(dwelling: Dwelling, *, code: str = CODE, revoked: bool = False) -> None:
    """Put a label on a door."""
    now = clock.now()
    with transaction() as session:
        session.add(DoorCode(code=code, dwelling_id=dwelling.id, issued_at=now, revoked_at=now if revoked else None))


def one_home(make: Factory) -> Dwelling:
    """A dwelling with the label on its door."""
    dwelling = dwellings_of_estate(reading(), make.estate().id)[0]
    stick_label(dwelling)
    return dwelling


def test_before_sign_in_a_door_names_estate_and_building_only(make: Factory, client: FlaskClient) -> None:
    dwelling = one_home(make)
    make.owner(dwelling, name="陈秀英")
    text = client.get(f"/h/{CODE}").text
    assert "桃园北巷" in text
    assert "1栋" in text
    for secret in (dwelling.label, "单元", f">{dwelling.door}<", "陈", dwelling.public_id):
        assert secret not in text
    assert f"/signin?next=/h/{CODE}" in text


def test_a_carelessly_written_code_leads_to_the_proper_address(make: Factory, client: FlaskClient) -> None:
    one_home(make)
    answer = client.get("/h/7kq2-m9x4-pt")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/h/{CODE}")


def test_a_wrong_code_and_a_revoked_one_say_what_to_do(make: Factory, client: FlaskClient) -> None:
    dwelling = one_home(make)
    stick_label(dwelling, code="0000000000", revoked=True)
    unknown, nonsense, revoked = (client.get(f"/h/{code}") for code in ("1111111111", "hello", "0000000000"))
    assert (unknown.status_code, nonsense.status_code, revoked.status_code) == (404, 404, 410)
    assert "重新扫" in unknown.text
    assert "10" in nonsense.text
    assert "作废" in revoked.text


def test_the_door_opens_the_dwelling_for_who_speaks_for_it(make: Factory) -> None:
    dwelling = one_home(make)
    account, _ = make.owner(dwelling)
    answer = make.signed_in(account).get(f"/h/{CODE}")
    assert answer.headers["Location"] == f"/d/{dwelling.public_id}"


def test_a_stranger_at_the_door_is_asked_who_he_is_and_not_told_who_lives_there(make: Factory) -> None:
    dwelling = one_home(make)
    make.owner(dwelling, name="欧阳锋", phone="13812345678")
    text = make.signed_in(make.account()).get(f"/h/{CODE}").text
    assert "登记的姓名" in text
    assert "欧阳" not in text
    assert "5678" not in text


def test_another_households_dwelling_is_not_found(make: Factory) -> None:
    dwelling = one_home(make)
    make.owner(dwelling)
    stranger = make.signed_in(make.account())
    assert stranger.get(f"/d/{dwelling.public_id}").status_code == 404
    assert stranger.get("/d/no-such-dwelling").status_code == 404


def test_a_dwelling_says_for_whom_things_are_done(make: Factory) -> None:
    dwelling = one_home(make)
    child = make.account()
    make.tie(child, dwelling, level=1, relation="family")
    text = make.signed_in(child).get(f"/d/{dwelling.public_id}").text
    assert dwelling.label in text
    assert "“家人”的身份" in text
    assert "还没核实" in text


def test_home_shows_my_dwellings_and_my_duties_only(make: Factory, client: FlaskClient) -> None:
    assert "扫一扫" in client.get("/").text
    dwelling = one_home(make)
    account, _ = make.owner(dwelling)
    mine = make.signed_in(account).get("/").text
    assert dwelling.label in mine
    assert "/work" not in mine
    worker = make.account()
    make.grant(worker, "community_worker", make.estate(name="别处"))
    duties = make.signed_in(worker).get("/").text
    assert 'href="/work"' in duties
    assert dwelling.label not in duties


def test_an_ended_term_takes_the_duty_off_the_home_page(make: Factory) -> None:
    worker = make.account()
    make.grant(worker, "community_worker", make.estate(), days=-1)
    assert "/work" not in make.signed_in(worker).get("/").text


def test_me_needs_a_sign_in_and_says_what_is_kept(make: Factory, client: FlaskClient) -> None:
    assert client.get("/me").headers["Location"] == "/signin?next=/me"
    dwelling = one_home(make)
    account, _ = make.owner(dwelling)
    text = make.signed_in(account).get("/me").text
    assert "系统里存了您的什么" in text
    assert dwelling.label in text


def test_letting_go_ends_ones_own_tie_only_and_is_safe_to_repeat(make: Factory) -> None:
    dwelling = one_home(make)
    account, other = make.account(), make.account()
    tie = make.tie(account, dwelling)
    url = f"/api/v1/ties/{tie.public_id}/end"
    assert make.signed_in(other).post(url, json={}).status_code == 404
    mine = make.signed_in(account)
    assert mine.post(url, json={}, key="let-go-01").status_code == 200
    assert mine.post(url, json={}, key="let-go-01").status_code == 200
    assert mine.post(url, json={}, key="let-go-02").status_code == 404
    assert mine.get(f"/d/{dwelling.public_id}").status_code == 404
