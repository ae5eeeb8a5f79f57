"""The table of ``test_features``: what a form from elsewhere may hold, and what becomes of it."""

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


PLACES = [
    ["list_name", "name", "label", "state"],
    *[["states", one, one.title(), ""] for one in ("texas", "iowa")],
    *[["towns", f"{state[0]}{n}", f"Town {n}", state] for state in ("texas", "iowa") for n in (1, 2)],
]
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
    Case(
        "an answer shown in a label",
        [q("text", "name", "Your name", constraint="string-length(.) < 40"), q("note", "hello", "Hello, ${name}!")],
        {"hello": {"title": "Hello, “Your name”!"}},
        listed=("survey 表第 3 行：label 里引用了别题的答案",),
    ),
    Case(
        "markup in a label",
        [q("note", label="<span style='color:red'>**Read**</span> this")],
        {"x": {"title": "Read this"}},
        listed=("survey 表第 2 行：label 里的排版记号没有导入",),
    ),
    Case(
        "relevant with selected()",
        [
            q("select_multiple yn", "many", "Which?"),
            q("date", relevant="selected(${many}, 'yes') and not(selected(${many}, 'no'))"),
        ],
        {"x": {"show_if": {"all": [{"has": ["many", "yes"]}, {"not": {"has": ["many", "no"]}}]}}},
    ),
    Case(
        "relevant with a function",
        [q("date", "d"), q("date", relevant="once(${d}) = 1")],
        refused=("survey 表第 3 行：显示条件不能导入：函数 once 不支持",),
    ),
    Case(
        "relevant that compares two answers",
        [
            q("integer", "a", constraint=". >= 0 and . <= 9"),
            q("integer", "b", constraint=". >= 0 and . <= 9"),
            q("date", relevant="${a} > ${b}"),
        ],
        {"x": {"show_if": {"at_least": [{"less": ["a", "b"]}, 1]}}},
    ),
    Case(
        "constraint with a regular expression",
        [q("text", constraint="regex(., '^[A-Z]{2}[0-9]{4}$')", constraint_message="Two letters, four digits")],
        {"x": {"kind": "text", "pattern": "[A-Z]{2}[0-9]{4}", "wrong": "Two letters, four digits"}},
    ),
    Case(
        "constraints of a text together",
        [q("text", constraint="string-length(.) >= 5 and string-length(.) <= 20 and regex(., '[a-z]+') and . != ''")],
        {"x": {"min": 5, "max": 20, "pattern": "[a-z]+"}},
        listed=("survey 表第 2 行：regex 没有用 ^ 和 $ 写明两头",),
    ),
    Case(
        "a text in one of several ways",
        [
            q("text", "id", "Id", constraint="string-length(.) = 10 or regex(., '(^\\d{17}$)|(^\\d{18}$)') or . = ''"),
            q("text", constraint=". = 'N/A' or .='none'"),
        ],
        {"id": {"pattern": ".{10}|\\d{17}|\\d{18}"}, "x": {"pattern": "N/A|none"}},
    ),
    Case(
        "a regular expression engines read differently",
        [
            q("text", "a", constraint="regex(., '^(?=.*[0-9])[a-z]+$')"),
            q("text", "b", constraint="regex(., '^(\\w+\\s?)+$')"),
            q("text", "c", constraint="not(regex(., '[0-9]'))"),
        ],
        refused=(
            "survey 表第 2 行：限制不能导入：regex 里的写法不能用：(?…)",
            "survey 表第 3 行：限制不能导入：regex 里的写法不能用：重复的括号",
            "survey 表第 4 行：限制不能导入：限制里的 not 不支持",
        ),
    ),
    *[
        Case(
            f"none of these, as {rule}",
            [q("select_multiple abc", constraint=rule)],
            {"x": {"options": [{"code": "a", "label": "A"}, {"code": "b", "label": "B"}, NONE]}},
            choices=[YES_NO[0], ["abc", "a", "A"], ["abc", "b", "B"], ["abc", "none", "None"]],
        )
        for rule in (
            "not(selected(., 'none') and count-selected(.) > 1)",
            "not(count-selected(.) >= 2 and selected(., 'none'))",
            "not(selected(., 'none') and (selected(., 'a') or selected(., 'b')))",
            "not(selected(., 'none') and selected(., 'a')) and not(selected(., 'b') and selected(., 'none'))",
            "if(selected(., 'none'), count-selected(.) = 1, true())",
            "(selected(., 'none') and count-selected(.)=1) or not(selected(., 'none'))",
        )
    ],
    Case(
        "two choices that exclude only each other",
        [q("select_multiple abc", constraint="not(selected(., 'a') and selected(., 'b'))")],
        refused=("survey 表第 2 行：限制不能导入：只能说一个选项和所有别的选项互斥",),
        choices=[YES_NO[0], ["abc", "a", "A"], ["abc", "b", "B"], ["abc", "none", "None"]],
    ),
    Case(
        "constraint with own words",
        [
            q("integer", constraint=". >= 18 and . <= 99", constraint_message="Adults only", required="yes"),
            q("date", "d", "When", required="yes", required_message="We need the day"),
        ],
        {"x": {"wrong": "Adults only", "required": True}, "d": {"missing": "We need the day"}},
    ),
    Case(
        "numbers without bounds",
        [q("integer")],
        {"x": {"kind": "number"}},
        listed=("survey 表第 2 行：没有写全范围",),
    ),
    Case(
        "choice_filter as a cascade",
        [
            q("select_one states", "state", "State"),
            q("select_one towns", "town", "Town", choice_filter="state=${state}"),
        ],
        {"town": {"kind": "single", "options": 4}},
        choices=PLACES,
    ),
    Case(
        "choice columns nobody reads",
        [q("select_one states", "state", "State"), q("select_one towns", "town", "Town")],
        {"town": {"kind": "single"}},
        listed=("choices 表第 4 行：选项的 state 列没有导入（texas）",),
        choices=PLACES,
    ),
    Case(
        "required as an expression",
        [HAS, q("date", required="${has} = 'yes'")],
        {"x": {"require_if": {"is": ["has", "yes"]}}},
    ),
    Case(
        "default, read-only, calculation, trigger",
        [
            q("date", "d", "When", default="2026-01-01"),
            q("text", "t", "Shown", read_only="yes", calculation="'words'", bind__custom="kept"),
        ],
        {"d": {"kind": "date"}, "t": {"kind": "note"}},
        listed=(
            "survey 表第 2 行：default 列没有导入（2026-01-01）",
            "survey 表第 3 行：calculation 列没有导入（'words'）",
            "survey 表第 3 行：只读（read_only）的题导入成说明文字",
            "survey 表第 3 行：custom 列没有导入（kept）",
        ),
    ),
    Case(
        "media beside questions and choices",
        [q("select_one yn", media__image="a.png", audio="b.mp3")],
        {"x": {"kind": "single"}},
        listed=(
            "survey 表第 2 行：audio 列没有导入",
            "survey 表第 2 行：media::image 列没有导入",
            "choices 表第 2 行：选项的 image 列没有导入（yes.png）",
        ),
        choices=[[*YES_NO[0], "image"], [*YES_NO[1], "yes.png"], [*YES_NO[2], ""]],
    ),
    Case("notes", [q("note", label="First\nMore")], {"x": {"kind": "note", "title": "First", "text": "More"}}),
    Case(
        "settings beyond ours",
        [HAS],
        {"has": {"kind": "single"}},
        listed=("settings 表第 2 行：设置 instance_name 没有导入", "settings 表第 2 行：设置 style 没有导入（pages）"),
        settings=[["form_id", "form_title", "instance_name", "style"], ["f", "Form", "concat('a', ${has})", "pages"]],
    ),
    Case(
        "two rows of settings",
        [HAS],
        {"has": {"kind": "single"}},
        listed=("settings 表第 3 行：settings 表只看第一行",),
        settings=[["form_id", "form_title"], ["f", "Form"], ["g", "Other"]],
    ),
    Case(
        "headings in any case, old names",
        [{"Type": "select one yn", "NAME": "x", "Caption": "X", "Relevance": "", "Hint": "Help"}],
        {"x": {"kind": "single", "hint": "Help"}},
    ),
    Case(
        "select all that apply, randomized",
        [q("select all that apply from yn", parameters="randomize=true", appearance="likert")],
        {"x": {"kind": "multi"}},
        listed=("survey 表第 2 行：样式 likert 没有导入", "survey 表第 2 行：参数 randomize=true 没有导入"),
    ),
    Case(
        "a sheet of entities, a list nobody asks from",
        [HAS],
        {"has": {"kind": "single"}},
        listed=("notes 表：这张表没有导入", "choices 表第 4 行：选项组 idle 没有题目用，没有导入"),
        choices=[*YES_NO, ["idle", "a", "A"]],
        more={"notes": [["remark"], ["written by hand"]]},
    ),
    Case("consent", [q("acknowledge", required="yes")], {"x": {"kind": "consent"}}, listed=("survey 表第 2 行：ack",)),
    Case("rank", [q("rank yn")], {"x": {"kind": "ranking", "count": 2}}),
    Case(
        "table-list",
        [
            q("begin group", "t", "How good?", appearance="table-list"),
            q("select_one score", "a", "Water"),
            q("select_one score", "b", "Light"),
            {"type": "end group"},
        ],
        {"t": {"kind": "matrix", "labels": 3}},
        choices=[YES_NO[0], ["score", "1", "bad"], ["score", "2", "fair"], ["score", "3", "good"]],
    ),
    Case(
        "two languages, one text missing",
        [
            {
                "type": "select_one yn",
                "name": "x",
                "label::English (en)": "Any?",
                "label::Français (fr)": "Quelque chose ?",
                "hint::English (en)": "Tick one",
            }
        ],
        {"x": {"title": "Any?", "hint": "Tick one"}},
        choices=[
            ["list_name", "name", "label::English (en)", "label::Français (fr)"],
            ["yn", "yes", "Yes", "Oui"],
            ["yn", "no", "No", "Non"],
        ],
        settings=[["form_id", "form_title", "default_language"], ["f", "Form", "English (en)"]],
    ),
]
