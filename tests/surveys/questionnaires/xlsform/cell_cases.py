"""The rest of the table of ``test_features``: labels, conditions, choices, settings and languages of a form."""

from tests.surveys.questionnaires.xlsform.feature_cases import HAS, NONE, YES_NO, Case, q

PLACES = [
    ["list_name", "name", "label", "state"],
    *[["states", one, one.title(), ""] for one in ("texas", "iowa")],
    *[["towns", f"{state[0]}{n}", f"Town {n}", state] for state in ("texas", "iowa") for n in (1, 2)],
]
CASES = [
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
