"""The table of ``test_features``: what a form from elsewhere may ask, and what becomes of it. See ``cell_cases``."""

from dataclasses import dataclass, field
from typing import Any

YES_NO = [["list_name", "name", "label"], ["yn", "yes", "Yes"], ["yn", "no", "No"]]
NONE = {"code": "none", "label": "None", "alone": True}
HAS = {"type": "select_one yn", "name": "has", "label": "Any?"}


@dataclass(frozen=True)
class Case:
    """``rows``: of the survey sheet, the first on row 2. ``carried``: code → what its entry holds; ``listed`` and
    ``refused``: beginnings of what is told."""

    name: str
    rows: list[dict[str, Any]]
    carried: dict[str, Any] = field(default_factory=dict)
    listed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    choices: list[list[str]] = field(default_factory=lambda: YES_NO)
    settings: list[list[str]] = field(default_factory=lambda: [["form_id", "form_title"], ["f", "Form"]])
    more: dict[str, list[list[str]]] = field(default_factory=dict)


def q(kind: str, name: str = "x", label: str = "X", **more: Any) -> dict[str, Any]:
    """One row; ``__`` in a column's name stands for ``::``."""
    return {"type": kind, "name": name, "label": label} | {key.replace("__", "::"): text for key, text in more.items()}


CASES = [
    Case("or_other", [q("select_one yn or_other")], {"x": {"kind": "single", "options": 3}}),
    Case("select_multiple or_other", [q("select_multiple yn or_other")], {"x": {"kind": "multi", "options": 3}}),
    Case(
        "select one from file", [q("select_one_from_file towns.csv")], refused=("survey 表第 2 行：选项在另一个文件里",)
    ),
    Case(
        "select one external",
        [q("select_one_external towns", choice_filter="state='texas'")],
        refused=("survey 表第 2 行：选项在另一个文件里",),
        more={"external_choices": [["list_name", "name", "state"], ["towns", "a", "texas"]]},
    ),
    Case(
        "calculate",
        [q("integer", "n", constraint=". >= 0 and . < 9"), q("calculate", "twice", "", calculation="${n} * 2")],
        {"n": {"kind": "number", "high": 8}},
        listed=("survey 表第 3 行：calculate twice 没有导入",),
    ),
    Case(
        "relevant on a calculate",
        [
            q("integer", "adults", constraint=". >= 0 and . <= 9"),
            q("integer", "kids", constraint=". >= 0 and . <= 9"),
            q("calculate", "people", "", calculation="${adults} + coalesce(${kids}, 0)"),
            q("calculate", "size", "", calculation="if(${people} > 6, 'large', 'small')"),
            q("text", relevant="${people} >= 3", constraint="string-length(.) < 9"),
            q("text", "y", relevant="${size} = 'large' and ${adults} > ${kids}"),
        ],
        {
            "x": {"show_if": {"at_least": [{"sum": ["adults", {"or": ["kids", 0]}]}, 3]}},
            "y": {
                "show_if": {
                    "all": [
                        {"at_least": [{"sum": ["adults", {"or": ["kids", 0]}]}, 7]},
                        {"at_least": [{"less": ["adults", "kids"]}, 1]},
                    ]
                }
            },
        },
        listed=("survey 表第 4 行：calculate people 不单独保存", "survey 表第 5 行：calculate size 不单独保存"),
    ),
    Case(
        "a calculate within a calculate",
        [
            q("integer", "n", constraint=". >= 0 and . <= 9"),
            q("calculate", "twice", "", calculation="${n} * 2"),
            q("calculate", "more", "", calculation="${twice} + 1"),
            q("text", relevant="${more} >= 5", constraint="string-length(.) < 9"),
        ],
        {"x": {"show_if": {"at_least": [{"sum": [{"times": ["n", 2]}, 1]}, 5]}}},
        listed=("survey 表第 3 行：calculate twice 不单独保存", "survey 表第 4 行：calculate more 不单独保存"),
    ),
    Case(
        "calculates that double thirty times",
        [
            q("integer", "n_0", constraint=". >= 0 and . <= 9"),
            *[q("calculate", f"n_{at}", "", calculation=f"${{n_{at - 1}}} + ${{n_{at - 1}}}") for at in range(1, 31)],
            q("text", relevant="${n_30} > 1"),
        ],
        refused=("survey 表第 33 行：显示条件不能导入：n_30（calculate）：算法一层套一层，写开来太长",),
    ),
    Case(
        "relevant on calculates we cannot work out",
        [
            q("date", "born"),
            q("integer", "n", constraint=". >= 0 and . <= 9"),
            q("calculate", "age", "", calculation="int((today() - ${born}) div 365.25)"),
            q("calculate", "share", "", calculation="${n} div 3"),
            q("calculate", "late", "", calculation="${n} + 1", relevant="${n} > 2"),
            q("calculate", "round", "", calculation="${round} + 1"),
            *[q("text", f"t_{one}", relevant=f"${{{one}}} > 1") for one in ("age", "share", "late", "round")],
        ],
        refused=(
            "survey 表第 8 行：显示条件不能导入：age（calculate）：日期不能用来计算",
            "survey 表第 9 行：显示条件不能导入：share（calculate）：除法不支持",
            "survey 表第 10 行：显示条件不能导入：late（calculate）：它自己有显示条件",
            "survey 表第 11 行：显示条件不能导入：round（calculate）：算法绕成了圈",
        ),
    ),
    Case(
        "no more than were counted before",
        [
            q("integer", "all", constraint=". >= 0 and . <= 9"),
            q("integer", constraint=". >= 0 and . <= ${all}"),
            q("integer", "y", constraint="(${all} = '' or ${all} <= .) and . <= 9"),
            q("decimal", "z", constraint=". >= 0.5 and . <= 3"),
        ],
        {"x": {"low": 0, "high": 1000000000, "at_most": "all"}, "y": {"at_least": "all"}, "z": {"low": "0.5"}},
        listed=(
            "survey 表第 3 行：没有写全范围",
            "survey 表第 4 行：没有写全范围",
            "survey 表第 5 行：小数最多收 2 位",
        ),
    ),
    Case(
        "limits by what cannot be compared",
        [
            q("integer", "all", constraint=". >= 0 and . <= 9"),
            q("text", "t", constraint="string-length(.) < 9"),
            q("integer", constraint=". < ${all}"),
            q("integer", "y", constraint=". <= ${t}"),
            q("decimal", "z", constraint=". <= ${all}"),
            q("text", "w", constraint=". <= ${all}"),
        ],
        refused=(
            "survey 表第 4 行：限制不能导入：限制只能和写明的值相比，或者写成不大于",
            "survey 表第 5 行：限制不能导入：t 不是数字",
            "survey 表第 7 行：这种题型不能有这样的限制",
        ),
    ),
    Case("range as a score", [q("range", parameters="start=1 end=5 step=1")], {"x": {"kind": "rating", "high": 5}}),
    Case(
        "range as a number",
        [q("range", parameters="start=0 end=100 step=1")],
        {"x": {"kind": "number", "high": 100}},
        listed=("survey 表第 2 行：range 导入成填数字的题",),
    ),
    Case(
        "range in tenths",
        [q("range", parameters="start=-0.5 end=1 step=0.1"), q("text", "y", relevant="${x} > 0.25")],
        {"x": {"low": "-0.5", "high": 1, "step": "0.1", "decimals": 1}, "y": {"show_if": {"at_least": ["x", 3]}}},
        listed=("survey 表第 2 行：range 导入成填数字的题",),
    ),
    Case(
        "range in fives",
        [q("range", parameters="start=0 end=100 step=5", appearance="picker")],
        {"x": {"kind": "number", "low": 0, "high": 100, "step": 5}},
        listed=("survey 表第 2 行：range 导入成填数字的题",),
    ),
    *[
        Case(kind, [q(kind)], refused=(f"survey 表第 2 行：题型 {kind} 不能导入：{why}",))
        for kind, why in (
            *((one, "住户在哪里由门牌登记") for one in ("geopoint", "geotrace", "geoshape")),
            *((one, "不收录音、录像，请改成照片") for one in ("audio", "video")),
            ("file", "不收文件，请改成照片"),
        )
    ],
    Case(
        "times",
        [q("time", "at", "At"), q("dateTime", "when", "When"), q("text", relevant="${at} != ''")],
        {"at": {"kind": "time"}, "when": {"kind": "datetime"}, "x": {"show_if": {"answered": "at"}}},
    ),
    Case(
        "barcode",
        [q("barcode", constraint="string-length(.) <= 13")],
        {"x": {"kind": "text", "max": 13}},
        listed=("survey 表第 2 行：barcode 导入成文字题",),
    ),
    Case(
        "decimal above nothing",
        [q("decimal", constraint=". > 0 and . <= 9.125"), q("decimal", "y", constraint=". > 0 and . < 2")],
        {"x": {"low": "0.001", "high": "9.125", "decimals": 3}, "y": {"low": "0.01", "high": "1.99"}},
        listed=("survey 表第 2 行：小数最多收 3 位", "survey 表第 3 行：小数最多收 2 位"),
    ),
    Case(
        "decimal of too many places",
        [q("decimal", constraint=". >= 0.00001 and . <= 9")],
        refused=("survey 表第 2 行：小数最多 4 位",),
    ),
    Case(
        "metadata and audit",
        [*[q(kind, kind, "") for kind in ("start", "end", "deviceid", "username")], q("audit", "audit", ""), HAS],
        {"has": {"kind": "single"}},
        listed=("survey 表第 2 行：start", "survey 表第 4 行：deviceid", "survey 表第 6 行：audit audit 没有导入"),
    ),
    Case(
        "repeat_count of an answer",
        [
            q("integer", "people", "How many?", constraint=". >= 0 and . <= 9"),
            q("begin_repeat", "member", "Member", repeat_count="${people}"),
            q("integer", "age", "Age", constraint=". >= 0 and . <= 120"),
            q("select_one yn", "works", "Works?", relevant="${age} >= 16"),
            {"type": "end_repeat"},
        ],
        {"member": {"kind": "repeat", "rows_from": "people", "questions": 2}},
    ),
    Case(
        "repeat_count as a sum",
        [q("begin repeat", "m", "M", repeat_count="1 + 1"), q("date", "d"), {"type": "end repeat"}],
        refused=("survey 表第 2 行：份数（repeat_count）不能导入",),
    ),
    Case(
        "repeat in a repeat",
        [
            q("begin repeat", "outer", "Outer"),
            q("date", "d"),
            q("begin repeat", "inner", "Inner"),
            q("date", "e"),
            {"type": "end repeat"},
            {"type": "end repeat"},
        ],
        refused=("survey 表第 4 行：重复填写的分组里不能再有",),
    ),
    Case(
        "group as a field-list",
        [
            q("begin group", "g", "Group", appearance="field-list", hint="Look"),
            q("date", "d", "When"),
            q("image", "p", "Picture"),
            {"type": "end group"},
        ],
        {"g": {"kind": "note"}, "d": {"kind": "date"}, "p": {"kind": "photo"}},
        listed=("survey 表第 2 行：分组的样式 field-list 没有导入",),
    ),
]
