"""A budget in an office's own words."""

import pytest

from kernel.errors import Invalid
from payments.rules.apportion import method_from
from payments.rules.budget_text import CostText, ExemptionText, costs_from, exemptions_from, how_from, scope_from


@pytest.mark.parametrize(
    ("method", "settings", "how"),
    [
        ("按户平均", "", {"method": "household"}),
        ("按面积", "", {"method": "area"}),
        (
            "按楼层系数",
            "3层 0.7，4层0.85、5 层：1",
            {"method": "floor", "coefficients": {"3": 700, "4": 850, "5": 1000}},
        ),
        ("按楼层系数", "按户数", {"method": "floor", "by_area": False}),
        ("谁受益谁分摊", "3层起", {"method": "item", "from_floor": 3}),
        ("谁受益谁分摊", "1栋101、1栋102\n按户数", {"method": "item", "by_area": False, "homes": ["1栋101", "1栋102"]}),
        (
            "按商定的数额",
            "3栋2单元501 10,500\n3栋2单元502：9800.5元",
            {"method": "fixed", "amounts": {"3栋2单元501": 1_050_000, "3栋2单元502": 980_050}},
        ),
        (
            "综合分摊",
            "按户平均 40，按楼层系数 60%（3层 0.7，4层 0.8）",
            {
                "method": "mixed",
                "parts": [
                    {"method": "household", "part": 40},
                    {"method": "floor", "coefficients": {"3": 700, "4": 800}, "part": 60},
                ],
            },
        ),
    ],
)
def test_every_method_is_read_in_words_and_is_one_the_shares_know(method: str, settings: str, how: dict) -> None:
    assert how_from(method, settings) == how
    assert method_from(how).title


@pytest.mark.parametrize(
    ("cost", "says"),
    [
        (CostText("外墙", "0.001", "", "按面积", ""), "金额"),
        (CostText("外墙", "0", "", "按面积", ""), "大于 0"),
        (CostText("", "1", "", "按面积", ""), "费用名称"),
        (CostText("外墙", "1", "", "看缘分", ""), "没有“看缘分”"),
        (CostText("外墙", "1", "", "按面积", "3层 0.7"), "不用写"),
        (CostText("电梯", "1", "", "谁受益谁分摊", ""), "谁受益"),
        (CostText("电梯", "1", "", "按楼层系数", "三层零点七"), "看不懂"),
        (CostText("电梯", "1", "", "按商定的数额", "1栋101"), "看不懂"),
        (CostText("电梯", "1", "", "按商定的数额", "1栋101 5\n1栋101 6"), "两次"),
        (CostText("电梯", "1", "", "综合分摊", "按面积 60"), "两种以上"),
        (CostText("电梯", "1", "", "综合分摊", "综合分摊 60，按面积 40"), "两种以上"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line_and_never_becomes_a_number(cost: CostText, says: str) -> None:
    with pytest.raises(Invalid) as caught:
        costs_from([CostText("楼道", "1", "", "按户平均", ""), cost])
    assert "第 2 项" in caught.value.detail
    assert says in caught.value.detail


def test_scopes_and_exemptions_are_read_as_people_write_them() -> None:
    assert [scope_from(text) for text in ("3栋", "3栋2单元", "3栋/2")] == ["3栋", "3栋/2", "3栋/2"]
    (cost,) = costs_from([CostText(" 电梯 ", "600,000.50", "全小区", "按面积", "")])
    assert (cost["name"], cost["amount_fen"], cost["scope"]) == ("电梯", 60_000_050, "")
    assert exemptions_from([ExemptionText("1栋101", "100%", "低保户"), ExemptionText("1栋102", "33.3", "特困")]) == [
        {"dwelling": "1栋101", "thousandths": 1000, "why": "低保户"},
        {"dwelling": "1栋102", "thousandths": 333, "why": "特困"},
    ]
    for wrong in (
        ExemptionText("1栋101", "0", "低保"),
        ExemptionText("1栋101", "101", "低保"),
        ExemptionText("a", "5", ""),
    ):
        with pytest.raises(Invalid):
            exemptions_from([wrong])
