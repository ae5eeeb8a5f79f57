"""Correcting, confirming, contesting and settling as the pages and their modules do it."""

from kernel import clock
from tests.surveys.questionnaires.conftest import NOW


def test_a_household_sees_what_a_worker_filled_in_corrects_it_and_reads_every_version(house):
    make = house.survey.make
    visited = house.visit(house.staff("worker"))
    me = house.member()
    client, path = make.signed_in(me), f"/q/{house.survey.campaign}/{house.home.public_id}"
    with clock.at(NOW):
        assert "我来改或另填一份" in client.get(path).get_data(as_text=True)
        done = client.get(f"{path}/done").get_data(as_text=True)
        assert "请您核对" in done
        assert "社区入户代填（李工，没有第二人）" in done
        assert "11月25日 10:00" in done
        edit = client.get(f"{path}?edit=1").get_data(as_text=True)
        assert visited.response in edit
        mine = house.submit(me, replaces=visited.response, q35="换成我说的。")
        done = client.get(f"{path}/done").get_data(as_text=True)
        assert "问卷交好了" in done
        assert "第 2 份" in done
        assert "第 1 份" in done
        first = client.get(f"{path}/done?v={visited.response}").get_data(as_text=True)
        assert "第 1 份填的内容" in first
        again = client.get(f"{path}?edit=1").get_data(as_text=True)
        assert "换成我说的" in again
        assert "13812341234" in again  # one's own phone number need not be typed again
        versions = client.get(
            f"/api/v1/campaigns/{house.survey.campaign}/dwellings/{house.home.public_id}/responses"
        ).json
        assert [(one["response"], one["counts"], one["assisted"]) for one in versions["versions"]] == [
            (mine.response, True, False),
            (visited.response, False, True),
        ]
        house.submit(me, replaces=mine.response)
        done = client.get(f"{path}/done").get_data(as_text=True)
        assert "您改过 1 次" in done
        assert "还有一份等您核对" not in done
        waits = house.visit(house.staff("again"))
        assert "还有一份等您核对" in client.get(f"{path}/done").get_data(as_text=True)
        theirs = client.get(f"{path}/done?v={waits.response}").get_data(as_text=True)
        assert "现在还不算数" in theirs
        assert "还有一份等您核对" not in theirs


def test_what_others_of_the_house_typed_of_names_is_not_handed_to_a_relative(house):
    one, other = house.member(), house.member()
    house.submit(one)
    path = f"/q/{house.survey.campaign}/{house.home.public_id}"
    with clock.at(NOW):
        text = house.survey.make.signed_in(other).get(f"{path}?edit=1").get_data(as_text=True)
    assert "q12" in text
    assert "13812341234" not in text


def test_a_landlord_does_not_read_his_tenants_sheet_nor_the_tenant_the_owners(house):
    owner, tenant = house.member(), house.member(relation="tenant")
    make, path = house.survey.make, f"/q/{house.survey.campaign}/{house.home.public_id}"
    first = house.submit(owner)
    house.submit(tenant, replaces=first.response, q02="tenant")
    with clock.at(NOW):
        mine = make.signed_in(tenant).get(f"{path}/done").get_data(as_text=True)
        assert "需求部分有效" in mine
        assert "填的内容" in mine
        theirs = make.signed_in(tenant).get(f"{path}/done?v={first.response}").get_data(as_text=True)
        assert "填的内容</h2>" not in theirs
        landlord = make.signed_in(owner).get(f"{path}?edit=1").get_data(as_text=True)
        assert "start" not in landlord


def test_two_sheets_are_settled_on_the_page_and_the_household_reads_why(house):
    make = house.survey.make
    one, other = house.member(), house.member()
    house.submit(one, q09="agree")
    second = house.submit(other, q09="disagree", q10=["cost"])
    officer = house.staff("officer", "street_officer")
    client = make.signed_in(officer)
    path = f"/q/{house.survey.campaign}/{house.home.public_id}/done"
    with clock.at(NOW):
        assert "还要社区核对一下" in make.signed_in(other).get(path).get_data(as_text=True)
        assert house.home.label in client.get("/work/surveys/cases").get_data(as_text=True)
        assert client.get("/api/v1/staff/survey-cases").json["cases"][0]["objections"] == 0
        page = client.get(f"/work/surveys/cases/{house.survey.campaign}/{house.home.public_id}").get_data(as_text=True)
        assert "您同意本小区改造吗" in page
        assert "哪一份算数" in page
        url = f"/api/v1/staff/campaigns/{house.survey.campaign}/dwellings/{house.home.public_id}/settlement"
        assert make.signed_in(one).post(url, json={"chosen": "", "reason": "我说的"}).status_code == 403
        assert client.post(url, json={"chosen": second.response, "reason": ""}).status_code == 422
        done = client.post(url, json={"chosen": second.response, "reason": "电话问过户主"})
        assert (done.status_code, done.json) == (200, {"dwelling": house.home.public_id})
        assert house.counts()[0] == second.response
        assert "现在没有要核对的" in client.get("/work/surveys/cases").get_data(as_text=True)


def test_an_objection_over_http_is_seen_by_the_worker_and_answered_to_the_household(house):
    make, me = house.survey.make, house.member()
    visited = house.visit(house.staff("worker"))
    base = f"/api/v1/campaigns/{house.survey.campaign}/dwellings/{house.home.public_id}/responses"
    client = make.signed_in(me)
    with clock.at(NOW):
        url = f"{base}/{visited.response}/reviews"
        assert client.post(url, json={"opinion": "objected", "text": ""}).status_code == 422
        assert client.post(url, json={"opinion": "objected", "text": "没人来过我家"}).status_code == 201
        other = house.staff("other")
        page = f"/work/surveys/cases/{house.survey.campaign}/{house.home.public_id}"
        assert "没人来过我家" in make.signed_in(other).get(page).get_data(as_text=True)
        house.settle(other, "", reason="核实确实没有入户")
        done = client.get(f"/q/{house.survey.campaign}/{house.home.public_id}/done").get_data(as_text=True)
        assert "核实确实没有入户" in done
        assert "没人来过我家" in done


def test_an_answered_home_says_to_the_owner_and_to_the_worker_what_is_left_for_them_to_do(house):
    survey = house.survey
    tenant, owner, worker = house.member(relation="tenant"), house.member(), house.staff("worker")
    house.submit(tenant)
    path = f"/q/{survey.campaign}/{house.home.public_id}"

    def told(account):
        return survey.make.signed_in(account).get(path).get_data(as_text=True)

    with clock.at(NOW):
        assert "填业主的一份" in told(owner)
        assert "填业主的一份" not in told(tenant)
        assert "本人填写。不用再填" in told(worker)
        assert "下一户" in told(worker)
    house.submit(owner)
    with clock.at(NOW):
        assert "填业主的一份" not in told(owner)
        assert "看已交的问卷" in told(owner)
