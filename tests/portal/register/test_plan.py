"""What an import would change, as tables."""

from portal.register.rules.plan import KnownDwelling, KnownHolding, KnownPerson, make_plan
from portal.register.rules.roster import read_roster
from portal.register.rules.tables import Sheet

HEAD = ["楼栋", "单元", "房号", "面积", "户主", "电话"]
CHEN = KnownPerson(1, "陈秀英", "13800000001", organisation=False)


def rows(*lines):
    found = read_roster([Sheet("名册", [HEAD, *lines])])
    assert found.problems == []
    return found.dwellings


def known(number=1, door="101", area=7000, holdings=((1, "owner"),)):
    held = tuple(KnownHolding(10 * number + i, who, what, from_roster=True) for i, (who, what) in enumerate(holdings))
    return KnownDwelling(number, f"d{number}", ("1栋", "1", door), f"1栋1单元{door}", 1, area, "home", held)


def test_the_same_roster_again_changes_nothing():
    plan = make_plan(rows(["1栋", 1, 101, 70, "陈秀英", "13800000001"]), [known()], [CHEN])
    assert (plan.new, plan.changed, plan.unchanged, plan.missing) == ([], [], 1, [])
    assert (plan.new_people, plan.changed_people) == (0, 0)


def test_a_new_door_of_a_known_person_makes_no_new_person():
    plan = make_plan(rows(["1栋", 1, 102, 70, "陈秀英", "13800000001"]), [known()], [CHEN])
    assert len(plan.new) == 1
    assert plan.new_people == 0
    assert plan.missing == ["1栋1单元101"]


def test_a_changed_number_is_written_into_the_known_person():
    plan = make_plan(rows(["1栋", 1, 101, 70, "陈秀英", "13800000002"]), [known()], [CHEN])
    assert (plan.new_people, plan.changed_people, plan.unchanged) == (0, 1, 1)


def test_an_empty_number_says_nothing():
    plan = make_plan(rows(["1栋", 1, 101, 70, "陈秀英", None]), [known()], [CHEN])
    assert (plan.new_people, plan.changed_people, plan.unchanged) == (0, 0, 1)


def test_a_sale_ends_the_old_holding_and_makes_a_new_person():
    plan = make_plan(rows(["1栋", 1, 101, 70, "李明", "13900000009"]), [known()], [CHEN])
    [change] = plan.changed
    assert [holding.person_id for holding in change.end] == [1]
    assert len(change.add) == 1
    assert plan.new_people == 1


def test_a_namesake_with_another_number_is_another_person():
    home = [known(1, "101"), known(2, "102")]
    plan = make_plan(
        rows(["1栋", 1, 101, 70, "陈秀英", "13800000001"], ["1栋", 1, 102, 70, "陈秀英", "13800000002"]), home, [CHEN]
    )
    assert plan.new_people == 1
    assert plan.changed_people == 0
    assert plan.unchanged == 1
    [change] = plan.changed
    assert change.known.id == 2


def test_a_holding_made_by_a_worker_is_not_ended_by_a_roster():
    by_worker = KnownDwelling(
        1, "d1", ("1栋", "1", "101"), "1栋1单元101", 1, 7000, "home",
        (KnownHolding(5, 1, "owner", from_roster=True), KnownHolding(6, 2, "co_owner", from_roster=False)),
    )  # fmt: skip
    plan = make_plan(
        rows(["1栋", 1, 101, 70, "陈秀英", "13800000001"]),
        [by_worker],
        [CHEN, KnownPerson(2, "王建国", None, organisation=False)],
    )
    assert plan.changed == []


def test_an_organisation_is_its_name_whatever_its_number():
    factory = KnownPerson(7, "韶关市第二织布厂", "07518880001", organisation=True)
    plan = make_plan(
        rows(["1栋", 1, 101, 70, "韶关市第二织布厂", "0751-8880002"]),
        [known(holdings=((7, "organisation"),))],
        [factory],
    )
    assert (plan.new_people, plan.changed_people, plan.unchanged) == (0, 1, 1)


def test_an_area_corrected_by_the_office_is_a_change_with_both_values():
    plan = make_plan(rows(["1栋", 1, 101, 70.5, "陈秀英", "13800000001"]), [known()], [CHEN])
    assert plan.changed[0].facts == {"area_dm2": (7000, 7050)}
