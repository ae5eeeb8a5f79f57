"""ODK Collect at the door: what it asks of us over HTTP, as it asks it, and what it is told."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import defusedxml.ElementTree as Xml
import pytest
import sqlalchemy as sa
from PIL import Image

from kernel import clock
from kernel.database import reading
from kernel.people.models import Account, Person
from kernel.places.queries import place_by_id
from surveys.questionnaires import api_openrosa, data, queries
from surveys.questionnaires.corrections import services as corrections
from surveys.questionnaires.openrosa import instance, rules
from surveys.questionnaires.second_visitors.models import SecondVisitor
from surveys.questionnaires.services import campaigns, forms
from surveys.questionnaires.services.sealing import open_sealed
from tests.factories import Factory
from tests.surveys.questionnaires.answers import FULL
from tests.surveys.questionnaires.conftest import NOW, drawn
from tests.surveys.questionnaires.openrosa.collect import SIGNED, Phone, Visit, labelled, told


def test_a_worker_makes_an_app_password_sees_it_once_and_takes_it_back(visit: Visit, make: Factory) -> None:
    client = make.signed_in(visit.worker)
    made = client.post("/api/v1/work/app-passwords", json={"label": "平板"}, key="a-key-of-mine-1").get_json()
    again = client.post("/api/v1/work/app-passwords", json={"label": "平板"}, key="a-key-of-mine-1").get_json()
    assert again == made
    assert re.fullmatch(r"([2-9a-z]{4}-){5}[2-9a-z]{4}", made["password"])
    assert made["server"] == "http://localhost/openrosa"
    assert made["settings_qr"]["path"].startswith("M")
    listed = client.get("/api/v1/work/app-passwords").get_json()
    assert [one["label"] for one in listed] == ["红米", "平板"]
    assert "password" not in listed[1]
    phone = Phone(visit.phone.app, made["username"], made["password"].upper().replace("-", " "))
    assert phone.get("/openrosa/formList").status_code == 200
    stranger = make.account("o-other")
    make.grant(stranger, "community_worker", visit.survey.estate)
    assert make.signed_in(stranger).delete(f"/api/v1/work/app-passwords/{made['id']}").status_code == 404
    assert client.delete(f"/api/v1/work/app-passwords/{made['id']}").status_code == 204
    refused = phone.get("/openrosa/formList")
    assert (refused.status_code, refused.headers["WWW-Authenticate"][:5]) == (401, "Basic")
    assert "应用密码" in told(refused)


def test_there_are_five_passwords_at_most_and_they_run_out(visit: Visit, make: Factory) -> None:
    client = make.signed_in(visit.worker)
    for _ in range(4):
        assert client.post("/api/v1/work/app-passwords", json={"label": "x"}).status_code == 201
    assert client.post("/api/v1/work/app-passwords", json={"label": "x"}).status_code == 409
    with clock.at(NOW + timedelta(days=181)):
        assert visit.phone.get("/openrosa/formList").status_code == 401
        assert client.post("/api/v1/work/app-passwords", json={"label": "x"}).status_code == 201


def test_the_page_shows_the_passwords_to_a_worker_only(visit: Visit, make: Factory) -> None:
    shown = make.signed_in(visit.worker).get("/work/app-passwords").get_data(as_text=True)
    assert "红米" in shown
    assert visit.phone.username in shown
    assert visit.phone.password not in shown
    assert make.signed_in(make.account()).get("/work/app-passwords").status_code == 403


def test_collect_finds_the_form_with_its_table_of_doors(visit: Visit) -> None:
    found = Xml.fromstring(visit.phone.get("/openrosa/formList").data)
    form = {child.tag.rpartition("}")[2]: child.text or "" for child in found[0]}
    assert (len(found), form["formID"], form["name"]) == (1, visit.survey.campaign, "2026年居民问卷")
    xml = visit.phone.get(form["downloadUrl"]).get_data(as_text=True)
    assert f'id="{visit.survey.campaign}"' in xml
    assert f'version="{form["version"]}"' in xml
    manifest = Xml.fromstring(visit.phone.get(form["manifestUrl"]).data)
    media = {child.tag.rpartition("}")[2]: child.text or "" for child in manifest[0]}
    assert media["filename"] == "doors.csv"
    rows = list(csv.DictReader(io.StringIO(visit.phone.get(media["downloadUrl"]).get_data(as_text=True))))
    assert {row["code"] for row in rows} == set(visit.codes)
    assert rows[0] | {"code": ""} == {
        "code": "",
        "label": f"桃园北巷 {visit.survey.dwellings[0].label}",
        "floor": "1",
        "floors": "4",
        "has_lift": "false",
        "renovated": "false",
        "built_year": "1988",
    }


def test_before_sending_collect_asks_and_is_told_where_and_how_much(visit: Visit) -> None:
    asked = visit.phone.app.test_client().head("/openrosa/submission", headers=visit.phone.headers)
    assert asked.status_code == 204
    assert asked.headers["Location"].endswith("/openrosa/submission")
    assert int(asked.headers["X-OpenRosa-Accept-Content-Length"]) == 30 << 20


def test_a_filled_form_is_the_households_response_like_any_other(visit: Visit) -> None:
    done = visit.phone.send(visit.filled(visit.codes[0].lower(), q36="陈秀英"), SIGNED)
    assert (done.status_code, told(done)) == (201, "已收到这一户的问卷。")
    response = visit.response_of(0)
    assert (response.channel, response.person_id) == ("worker_visit", visit.worker.person_id or response.person_id)
    same = {code: value for code, value in response.answers.items() if code in FULL and code != "q38"}
    assert same == {code: FULL[code] for code in same}
    assert {"q04", "q05", "q11", "q15", "q27", "q37"} <= same.keys()
    assert open_sealed(response)["q36"] == "陈秀英"


def test_who_came_along_is_asked_and_one_who_may_not_does_not_send_the_sheet_back(visit: Visit, make: Factory) -> None:
    second = make.account("o-second")
    make.grant(second, "building_leader", place_by_id(reading(), visit.survey.dwellings[0].building_id))
    chosen = reading().scalars(sa.select(Person.public_id).join(Account).where(Account.openid == "o-second")).one()
    for number, (named, asked) in enumerate([(chosen, 1), ("alone", 0), ("x" * 40, 0)]):
        done = visit.phone.send(visit.filled(visit.codes[number], second_visitor=named), SIGNED)
        assert done.status_code == 201, told(done)
        found = reading().scalars(
            sa.select(SecondVisitor).where(SecondVisitor.response_id == visit.response_of(number).id)
        )
        assert len(found.all()) == asked


def test_photos_come_with_their_captions_and_a_scanned_label_is_a_door_code(visit: Visit) -> None:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (90, 120, 200)).save(out, "JPEG")
    xml = visit.filled(
        "",
        door_typed=None,
        door_scan=f"https://example.test/h/{visit.codes[1]}",
        q20__1="p.jpg",
        q20__1_caption="楼梯漏水",
    )
    done = visit.phone.send(xml, {**SIGNED, "p.jpg": out.getvalue()})
    assert done.status_code == 201, told(done)
    assert [photo["caption"] for photo in visit.response_of(1).answers["q20"]] == ["楼梯漏水"]


def test_the_same_form_sent_twice_counts_once(visit: Visit) -> None:
    xml = visit.filled(visit.codes[0])
    assert [visit.phone.send(xml, SIGNED).status_code for _ in range(2)] == [201, 201]
    assert len(visit.versions_of(0)) == 1
    # Filled in anew by the same worker it is his correction of the first.
    assert visit.phone.send(visit.filled(visit.codes[0]), SIGNED).status_code == 201
    assert [response.replaces_id is None for response in visit.versions_of(0)] == [False, True]


def test_a_form_that_comes_in_parts_waits_for_its_last_picture(visit: Visit) -> None:
    xml = visit.filled(visit.codes[2])
    first = visit.phone.send(xml, {"sign.jpg": drawn(), "one.jpg": drawn()}, **{"*isIncomplete*": "yes"})
    assert (first.status_code, visit.response_of(2)) == (201, None)
    assert visit.phone.send(xml, {"two.jpg": drawn()}).status_code == 201
    assert visit.response_of(2) is not None


def test_clients_of_other_makes_are_served_or_told_what_to_do(visit: Visit) -> None:
    # A list of one form, with everything that clients like to ask for.
    asked = "/openrosa/formList?formID={}&listAllVersions=true&verbose=true&deviceID=collect%3Aab12"
    assert [len(Xml.fromstring(visit.phone.get(asked.format(one)).data)) for one in (visit.survey.campaign, "x")] == [
        1,
        0,
    ]
    head = visit.phone.app.test_client().head("/openrosa/submission?deviceID=a%26b", headers=visit.phone.headers)
    assert head.headers["Location"].endswith("/openrosa/submission?deviceID=a%26b")
    # An old Collect that would rather not send a password in plain is asked for Basic, and told so.
    digest = {"Authorization": f'Digest username="{visit.phone.username}", realm="x", nonce="1", uri="/", response="2"'}
    refused = visit.phone.app.test_client().get("/openrosa/formList", headers=digest)
    assert (refused.status_code, refused.headers["WWW-Authenticate"][:5]) == (401, "Basic")
    assert "Basic" in told(refused)
    # An encrypted form is not one of ours; bytes in another encoding are read where XML says which.
    sealed = (
        f'<data id="{visit.survey.campaign}" encrypted="yes" xmlns="http://opendatakit.org/submissions"><meta/></data>'
    )
    assert "加密过的" in told(visit.phone.send(sealed))
    xml = visit.filled(visit.codes[1]).replace("<?xml version='1.0' ?>", "")
    assert visit.phone.send(f'<?xml version="1.0" encoding="GBK"?>{xml}'.encode("gbk"), SIGNED).status_code == 422
    # Parts named otherwise than the files they hold; the form's own number as an attribute, as Briefcase sends it.
    number = xml.partition("<orx:instanceID>")[2].partition("<")[0]
    bare = xml.replace(f"<orx:instanceID>{number}</orx:instanceID>", "").replace(
        "<data ", f'<data instanceID="{number}" '
    )
    data: dict[str, Any] = {"xml_submission_file": (io.BytesIO(bare.encode("utf-16")), "a.xml", "text/xml")}
    data |= {f"file{n}": (io.BytesIO(held), name, "image/jpeg") for n, (name, held) in enumerate(SIGNED.items())}
    client = visit.phone.app.test_client()
    assert client.post("/openrosa/submission?deviceID=x", data=data, headers=visit.phone.headers).status_code == 201
    assert visit.response_of(1) is not None
    # The same number with other answers: what was taken stays, and what to do is said.
    other = bare.replace("<q04>", "<q04>1")
    assert other != bare
    changed = visit.phone.send(other.encode("utf-16"), SIGNED)
    assert (changed.status_code, "新填一份表" in told(changed)) == (422, True)
    assert len(visit.versions_of(1)) == 1


def test_what_is_wrong_is_said_by_question_and_nothing_is_kept(visit: Visit) -> None:
    refused = visit.phone.send(visit.filled(visit.codes[0], q06=None, q04="9.5", q05__floor="60"), SIGNED)
    assert refused.status_code == 422
    for words in ("6 居住情况：这一题要填。", "4 建筑面积：请填 10 到 500", "您家在第几层"):
        assert words in told(refused)
    assert visit.response_of(0) is None
    assert "看不懂" in told(visit.phone.send(visit.filled(visit.codes[0], q04="很大"), SIGNED))
    assert "one.jpg" in told(visit.phone.send(visit.filled(visit.codes[0]), {"sign.jpg": drawn()}))
    lied = {**SIGNED, "one.jpg": b"MZ not a picture"}
    assert "第一人" in told(visit.phone.send(visit.filled(visit.codes[0]), lied))


def test_a_form_taken_along_before_a_correction_is_taken_in_the_words_that_were_asked(visit: Visit) -> None:
    before = visit.filled(visit.codes[0])
    document = data.shipped("estate-renovation-needs")
    document["edition"] = "2026-2"
    version = forms.load(document, actor="test", now=NOW).version.public_id
    corrections.correct(
        visit.survey.campaign, version=version, mapping={}, reason="错字", person_id=None, actor="test", now=NOW
    )
    assert visit.phone.send(before, SIGNED).status_code == 201
    response = visit.response_of(0)
    assert queries.version_by_id(reading(), response.version_id).public_id == visit.survey.version
    assert visit.phone.send(visit.filled(visit.codes[1]), SIGNED).status_code == 201
    assert queries.version_by_id(reading(), visit.response_of(1).version_id).public_id == version
    strange = visit.phone.send(before.replace('version="2026-1-', 'version="1999-1-'), SIGNED)
    assert (strange.status_code, "不是这次问卷用过的版本" in told(strange)) == (409, True)


def test_a_wrong_door_and_a_door_of_another_estate_are_refused(visit: Visit, make: Factory) -> None:
    assert visit.phone.send(visit.filled("ZZZZZZZZZZ"), SIGNED).status_code == 404
    missing = visit.phone.send(visit.filled("12"), SIGNED)
    assert (missing.status_code, "门牌码" in told(missing)) == (422, True)
    elsewhere = make.estate("工商局宿舍")
    with_code = labelled(make.dwelling(make.place("building", elsewhere, name="9栋")))
    assert visit.phone.send(visit.filled(with_code), SIGNED).status_code == 404


def test_a_worker_of_another_place_finds_no_form_and_cannot_hand_in(visit: Visit, make: Factory) -> None:
    stranger = make.account("o-stranger")
    make.grant(stranger, "community_worker", make.estate("工商局宿舍"))
    made = make.signed_in(stranger).post("/api/v1/work/app-passwords", json={"label": "x"}).get_json()
    phone = Phone(visit.phone.app, made["username"], made["password"])
    assert len(Xml.fromstring(phone.get("/openrosa/formList").data)) == 0
    assert phone.get(f"/openrosa/forms/{visit.survey.campaign}.xml").status_code == 404
    assert phone.get(f"/openrosa/forms/{visit.survey.campaign}/doors.csv").status_code == 404
    assert phone.send(visit.filled(visit.codes[0]), SIGNED).status_code == 404
    assert visit.response_of(0) is None


def test_a_role_that_is_over_ends_the_password_too(visit: Visit, make: Factory) -> None:
    gone = make.account("o-gone")
    make.grant(gone, "community_worker", visit.survey.estate, days=1)
    made = make.signed_in(gone).post("/api/v1/work/app-passwords", json={"label": "x"}).get_json()
    with clock.at(clock.now() + timedelta(days=400)):
        make.grant(gone, "community_worker", visit.survey.estate, days=-399)
    phone = Phone(visit.phone.app, made["username"], made["password"])
    with clock.at(NOW + timedelta(days=100)):
        assert phone.get("/openrosa/formList").status_code == 403


def test_a_closed_campaign_leaves_the_list_and_takes_nothing_more(visit: Visit) -> None:
    xml = visit.filled(visit.codes[0])
    campaigns.close_by_hand(visit.survey.campaign, person_id=None, actor="test", now=NOW)
    assert len(Xml.fromstring(visit.phone.get("/openrosa/formList").data)) == 0
    late = visit.phone.send(xml, SIGNED)
    assert (late.status_code, "截止" in told(late)) == (410, True)


def test_the_first_request_is_asked_for_a_password_and_guessing_is_stopped(visit: Visit) -> None:
    bare = visit.phone.app.test_client()
    assert [bare.get("/openrosa/formList").status_code for _ in range(12)] == [401] * 12
    wrong = Phone(visit.phone.app, visit.phone.username, "guess")
    assert [wrong.get("/openrosa/formList").status_code for _ in range(11)] == [401] * 10 + [429]
    assert visit.phone.send("<data/>").status_code == 429


def test_trying_one_name_after_another_is_stopped_too(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "hashed", lambda password, salt: b"")
    tries = [Phone(visit.phone.app, f"name{number}", "guess").get("/openrosa/formList") for number in range(101)]
    assert [answer.status_code for answer in tries] == [401] * 100 + [429]


def test_a_password_over_plain_http_from_afar_is_refused(visit: Visit) -> None:
    afar = {"REMOTE_ADDR": "203.0.113.9"}
    assert visit.phone.get("/openrosa/formList", environ_overrides=afar).status_code == 403
    assert (
        visit.phone.get("/openrosa/formList", environ_overrides=afar, base_url="https://localhost").status_code == 200
    )


BOMB = b"""<?xml version="1.0"?><!DOCTYPE data [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<data id="x"><meta><instanceID>uuid:12345678</instanceID></meta><q>&b;&b;&b;&b;</q></data>"""


@pytest.mark.parametrize(
    "xml",
    [
        BOMB,
        b'<!DOCTYPE data SYSTEM "file:///etc/passwd"><data id="x"/>',
        b"<data",
        b"",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="nonsense"?><data/>',
        b"<data id='x'><door>1</door><door>2</door><meta><instanceID>uuid:12345678</instanceID></meta></data>",
        b"<data id='x'><q>1</q></data>",
        b"<data id='x'>" + b"<a/>" * 6000 + b"</data>",
    ],
)
def test_xml_that_no_phone_sends_is_refused(visit: Visit, xml: bytes) -> None:
    refused = visit.phone.send(xml)
    assert refused.status_code == 422
    assert told(refused)


def test_a_huge_file_is_refused_with_what_to_do(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_openrosa, "MOST_BYTES", 100_000)
    refused = visit.phone.send(visit.filled(visit.codes[0]), {**SIGNED, "big.jpg": b"0" * 200_000})
    assert (refused.status_code, "照片设成较小的尺寸" in told(refused)) == (413, True)
    monkeypatch.setattr(instance, "MOST_BYTES", 1000)
    assert "太大" in told(visit.phone.send(visit.filled(visit.codes[0])))
    assert visit.phone.app.test_client().post("/openrosa/submission", headers=visit.phone.headers).status_code == 400
