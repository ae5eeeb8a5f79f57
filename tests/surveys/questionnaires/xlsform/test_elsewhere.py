"""Forms of other systems, whole: each comes along or is refused where it stands, and nothing is dropped in silence.

They follow the named sources (pyxform's own tests, ODK's documentation, xlsform.org, KoBo's forms, household surveys)
and are written anew here, as short as shows what is told there. All of pyxform's tests up to its version 1.4 (257
forms) were read by hand the same way.
"""

import io
from dataclasses import dataclass

import pytest
from openpyxl import Workbook

from surveys.questionnaires.xlsform import importing, workbook

YN = "choices: list_name, name, label / yn, y, Yes / yn, n, No"


@dataclass(frozen=True)
class Elsewhere:
    """``sheets``: a line a sheet, rows apart by " / ", cells by ", ". ``kinds``: what comes along, "code kind" each;
    ``told``: beginnings of what is refused (then nothing comes along) or listed."""

    source: str
    sheets: tuple[str, ...]
    kinds: str = ""
    told: tuple[str, ...] = ()


FORMS = [
    Elsewhere(
        "pyxform, test_loop",
        (
            "survey: type, name, label / begin loop over b, l, Browsers / integer, h, Hours / end loop"
            " / text, t, After",
            "choices: list_name, name, label / b, ff, Firefox / b, cr, Chrome",
        ),
        told=("survey 表第 2 行：每个选项问一遍的分组（begin loop）不能导入",),
    ),
    Elsewhere(
        "pyxform, test_repeat",
        (
            "survey: type, name, label, relevant / begin repeat, member, Member / text, who, Who? / integer, age, Age"
            " / begin group, work, Work, ${age} > 14 / select_one yn, job, Has a job? / end group / end repeat"
            " / note, thanks, Thanks ${who}",
            YN,
        ),
        "member repeat, thanks note",
        ("survey 表第 2 行：没有写最多几份", "survey 表第 9 行：label 里引用了别题的答案"),
    ),
    Elsewhere(
        "pyxform, test_select_from_repeat",
        (
            "survey: type, name, label, choice_filter / begin repeat, people, People / text, who, Name / end repeat"
            " / select_one ${who}, eldest, The eldest?, ${who} != ''",
        ),
        told=("survey 表第 5 行：选项取自别题的答案",),
    ),
    Elsewhere(
        "pyxform, test_choices",
        (
            "survey: type, name, label / select_one list, s, One",
            "choices: list name, name, label / list, a, A / list, b, B / list, b, C",
            "settings: id_string, allow_choice_duplicates / dup, yes",
        ),
        told=("choices 表第 4 行：选项 b 写了两次", "settings 表第 2 行：设置 allow_choice_duplicates 没有导入"),
    ),
    Elsewhere(
        "pyxform, test_guidance_hint and test_dynamic_default",
        (
            "survey: type, name, label, hint, guidance_hint, default, calculation, trigger"
            " / text, n, Name, Given, As on the card / date, d, Day, , , today() / calculate, b, , , , , 1 + 1, ${n}",
        ),
        "n text, d date",
        (
            "survey 表第 2 行：guidance_hint 列没有导入（As on the card）",
            "survey 表第 3 行：default 列没有导入（today()）",
            "survey 表第 4 行：calculate b 没有导入",
        ),
    ),
    Elsewhere(
        "pyxform, test_last_saved",
        ("survey: type, name, label, relevant / text, a, Street / text, t, Town, ${last-saved#a} != ''",),
        told=("survey 表第 3 行：显示条件不能导入：不能用上一份表的答案（last-saved）",),
    ),
    Elsewhere(
        "pyxform, test_external_instances",
        (
            "survey: type, name, label, choice_filter / xml-external, homes"
            " / select_one_from_file c.csv, c, City, x = 'a'",
        ),
        told=("survey 表第 2 行：xml-external homes 没有导入", "survey 表第 3 行：选项在另一个文件里（from_file"),
    ),
    Elsewhere(
        "pyxform, test_search_function",
        (
            "survey: type, name, label, appearance / select_one f, f, Which?, search('fruits')",
            "choices: list_name, name, label / f, name_key, name",
        ),
        told=("survey 表第 2 行：选项在另一个文件里（search）",),
    ),
    Elsewhere(
        "pyxform, test_entities",
        ("survey: type, name, label, save_to / text, s, Species, species", "entities: dataset, label / trees, ${s}"),
        "s text",
        ("entities 表：这张表没有导入", "survey 表第 2 行：save_to 列没有导入（species）"),
    ),
    Elsewhere(
        "pyxform, test_translations",
        (
            "survey: type, name, label::English (en), label::Français (fr), hint::Français (fr), "
            "media::image::English (en)"
            ""
            " / select_one yn, a, Any?, Y en a-t-il ?, Cochez, a.png",
            "choices: list_name, name, label::English (en), label::Français (fr) / yn, y, Yes, Oui / yn, n, No",
        ),
        "a single",
        ("survey 表第 2 行：media::image::English (en) 列没有导入", "survey 表第 2 行：hint 没有English (en)的文字"),
    ),
    Elsewhere(
        "pyxform, test_case_insensitivity",
        (
            "Survey: Type, NAME, Label, Read Only / text, t, Text, yes / SELECT_ONE yn, s, Select",
            "Choices: List Name, Name, Label / yn, y, Yes / yn, n, No",
        ),
        told=("survey 表第 3 行：没有 SELECT_ONE yn 这种题型",),
    ),
    Elsewhere(
        "pyxform, test_table_list",
        (
            "survey: type, name, label, appearance / begin_group, t, Rate, table-list minimal / select_one r, a, Roof"
            " / select_one r, b, Wall / end_group",
            "choices: list_name, name, label / r, good, Good / r, bad, Bad",
        ),
        "a single, b single",
        ("survey 表第 2 行：分组的样式 table-list minimal 没有导入",),
    ),
    Elsewhere(
        "ODK's documentation, form logic: how many is worked out",
        (
            "survey: type, name, label, calculation, repeat_count / integer, a, Adults / calculate, n, , ${a} + 1"
            " / begin_repeat, p, Person, , ${n} / text, who, Who? / end_repeat",
        ),
        told=("survey 表第 4 行：份数（repeat_count）不能导入：n 没有导入（calculate）",),
    ),
    Elsewhere(
        "ODK's documentation, form logic: ages from a date",
        (
            "survey: type, name, label, calculation, relevant / date, born, Born"
            " / calculate, age, , int((today() - ${born}) div 365.25) / select_one yn, votes, Votes?, , ${age} >= 18",
            YN,
        ),
        told=("survey 表第 4 行：显示条件不能导入：age（calculate）：日期不能用来计算",),
    ),
    Elsewhere(
        "ODK's documentation, form logic: required, messages, some and not too many",
        (
            "survey: type, name, label, required, required_message, constraint, constraint_message"
            " / select_multiple c, c, Colours, yes, Choose some, count-selected(.) >= 2 and count-selected(.) <= 3, Few"
            " / text, m, Initial, no, , string-length(.) = 1, One letter",
            "choices: list_name, name, label / c, r, Red / c, b, Blue / c, g, Green / c, w, White",
        ),
        "c multi, m text",
    ),
    Elsewhere(
        "ODK's documentation: patterns",
        (
            "survey: type, name, label, constraint"
            " / text, mail, E-mail, regex(.; '[A-Za-z0-9._%+-]+@[a-z.-]+[.][a-z]+')"
            " / text, phone, Phone, regex(.; '^\\+?[0-9]{10}$') / integer, pin, Pin, regex(.; '^[0-9]{4}$')",
        ),
        told=("survey 表第 2 行：regex 没有用 ^ 和 $ 写明两头", "survey 表第 4 行：这种题型不能有这样的限制"),
    ),
    Elsewhere(
        "xlsform.org: three lists, each under the one before",
        (
            "survey: type, name, label, choice_filter / select_one s, state, State"
            " / select_one c, county, County, state=${state}"
            " / select_one t, town, Town, state=${state} and county=${county}",
            "choices: list_name, name, label, state, county / s, tx, Texas / s, wa, Washington / c, king, King, wa"
            " / c, cam, Cameron, tx / t, sea, Seattle, wa, king / t, bro, Brownsville, tx, cam",
        ),
        "state single, county single, town single",
    ),
    Elsewhere(
        "xlsform.org: ranges",
        (
            "survey: type, name, label, parameters, appearance / range, stars, Stars, start=1;end=5;step=1, rating"
            " / range, share, Share, start=0.5 end=5.0 step=0.5",
        ),
        kinds="stars rating, share number",
        told=("survey 表第 3 行：range 导入成填数字的题",),
    ),
    Elsewhere(
        "a household survey: codes for what is not known",
        (
            "survey: type, name, label, constraint / integer, age, Age, (. >= 0 and . <= 95) or . = 99"
            " / decimal, height, Height, . >= 30 and . <= 270",
        ),
        told=("survey 表第 2 行：限制不能导入：限制里的 or 不支持", "survey 表第 3 行：小数最多收 2 位"),
    ),
    Elsewhere(
        "KoBo: scores of its own",
        ("survey: type, name, label / begin_score, sc, How good? / score__row, light, Light / end_score, e, E",),
        told=("survey 表第 2 行：没有 begin_score 这种题型",),
    ),
    Elsewhere(
        "KoBo: what the phone keeps by itself, a place, a recording",
        (
            "survey: type, name, label, parameters / start, start / deviceid, deviceid"
            " / audit, audit, , track-changes=true"
            " / geopoint, home, Where? / image, door, The door, max-pixels=1024 / audio, said, Said",
        ),
        told=(
            "survey 表第 2 行：start start 没有导入（手机自己记的",
            "survey 表第 4 行：audit audit 没有导入",
            "survey 表第 5 行：题型 geopoint 不能导入：住户在哪里由门牌登记",
            "survey 表第 7 行：题型 audio 不能导入：不收录音",
        ),
    ),
    Elsewhere(
        "KoBo: style, names of sheets, a key",
        (
            "survey: type, name, label, appearance / text, t, T, w1",
            "settings: form_title, form_id, style, instance_name, public_key / F, f, pages theme-grid, ${t}, MIIB",
        ),
        "t text",
        ("settings 表第 2 行：设置 style 没有导入", "settings 表第 2 行：设置 public_key 没有导入（MIIB）"),
    ),
    Elsewhere(
        "ODK's documentation, question types",
        (
            "survey: type, name, label, required / acknowledge, ok, I have read it, yes / time, at, At"
            " / dateTime, on, From"
            " / barcode, meter, Meter / rank i, r, Order",
            "choices: list_name, name, label / i, a, A / i, b, B",
        ),
        "ok consent, at time, on datetime, meter text, r ranking",
        ("survey 表第 2 行：acknowledge 导入成一项同意", "survey 表第 5 行：barcode 导入成文字题"),
    ),
]


def file_of(form: Elsewhere) -> bytes:
    """The form as a real file."""
    book = Workbook()
    book.remove(book.active)
    for sheet in form.sheets:
        name, _, lines = sheet.partition(": ")
        made = book.create_sheet(name)
        for line in lines.split(" / "):
            made.append(
                [cell.strip().replace(";", ",") if "regex" in cell else cell.strip() for cell in line.split(", ")]
            )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("form", FORMS, ids=[form.source for form in FORMS])
def test_a_form_from_elsewhere_comes_along_or_says_where_it_does_not(form: Elsewhere) -> None:
    data = file_of(form)
    found = importing.read_form(data, code="f")
    told = [str(one) for one in (*found.refused, *found.listed)]
    for text in form.told:
        assert any(line.startswith(text) for line in told), told
    assert (found.document is not None) is bool(form.kinds), told
    if found.document is None:
        return
    questions = [one for section in found.document["sections"] for one in section["questions"]]
    assert ", ".join(f"{one['code']} {one['kind']}" for one in questions) == form.kinds
    # Every row of the survey has become something, or is spoken of.
    known = {("survey", row.number) for row in found.rows.values()} | {(one.sheet, one.row) for one in found.listed}
    for row in workbook.read(data).survey:
        word = row.get("type").lower().replace(" ", "_")
        assert word.startswith(("begin_", "end_")) or ("survey", row.number) in known, row
