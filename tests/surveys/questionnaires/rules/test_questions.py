"""Each kind of question: what it takes, in which form it is kept, how it is shown and counted."""

import json
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.questionnaires.rules.questions import KINDS, Context, Option, Question, Refused
from surveys.questionnaires.rules.questions.scales import bands, exact, number_text

TODAY = Context(date(2026, 11, 22))
OPTIONS = (
    Option("a", "甲"),
    Option("b", "乙"),
    Option("c", "丙"),
    Option("d", "丁"),
    Option("none", "都不要", alone=True),
)
ROWS = [
    {"code": "all", "label": "总人数", "low": 0, "high": 30},
    {"code": "old", "label": "老人", "low": 0, "high": 30, "at_most": "all"},
]
FILE = "AbCdEfGhIjKlMnOpQrStUv"


def question(kind, *, required=False, options=OPTIONS, **spec):
    return Question("q", "1", kind, "题目", "s", required=required, options=options, spec=spec)


def check(asked, value):
    return KINDS[asked.kind].check(asked)(value, TODAY)


SINGLE = question("single")
MULTI = question("multi", max=3)
RANKING = question("ranking", count=3)
NUMBER = question("number", low=10, high=500, decimals=2, unit="㎡")
GRID = question("number_grid", rows=ROWS)
RATING = question("rating", low=1, high=10)
MATRIX = question("matrix", rows=ROWS, labels=["差", "中", "好"], none="无此设施")
TEXT = question("text", max=10)
DAY = question("date", not_future=True)
PHONE = question("phone")
PHOTO = question("photo", max=2, caption=10)
SIGNATURE = question("signature")
CONSENT = question("consent", items=[{"code": "use", "label": "使用", "must": True}, {"code": "call", "label": "电话"}])

TAKEN = [
    (SINGLE, "b", "b", ["乙"]),
    (MULTI, ["c", "a"], ["a", "c"], ["甲", "丙"]),
    (MULTI, ["none"], ["none"], ["都不要"]),
    (MULTI, ["a", "b", "c"], ["a", "b", "c"], ["甲", "乙", "丙"]),
    (RANKING, ["c", "a", "b"], ["c", "a", "b"], ["第1：丙", "第2：甲", "第3：乙"]),
    (NUMBER, 8650, 8650, ["86.5㎡"]),
    (NUMBER, 1000, 1000, ["10㎡"]),
    (NUMBER, 50000, 50000, ["500㎡"]),
    (GRID, {"old": 2, "all": 4}, {"all": 4, "old": 2}, ["总人数：4", "老人：2"]),
    (GRID, {"old": 2}, {"old": 2}, ["老人：2"]),
    (RATING, 10, 10, ["10分"]),
    (MATRIX, {"old": 0, "all": 3}, {"all": 3, "old": 0}, ["总人数：好", "老人：无此设施"]),
    (TEXT, "  漏水\r\n两处 ", "漏水\n两处", ["漏水", "两处"]),
    (TEXT, "一二三四五六七八九十", "一二三四五六七八九十", ["一二三四五六七八九十"]),
    (TEXT, "漏\x00水\x1b", "漏水", ["漏水"]),
    (DAY, "2026-11-22", "2026-11-22", ["2026年11月22日"]),
    (PHONE, "138 1234 1234", "13812341234", ["13812341234"]),
    (PHONE, "+86-13812341234", "13812341234", ["13812341234"]),
    (PHONE, "（０７５１）８８８８８８８", "07518888888", ["07518888888"]),
    (PHOTO, [{"file": FILE, "caption": " 三楼 "}], [{"file": FILE, "caption": "三楼"}], ["照片1：三楼"]),
    (SIGNATURE, FILE, FILE, ["已签名"]),
    (CONSENT, {"call": False, "use": True}, {"use": True, "call": False}, ["同意：使用", "不同意：电话"]),
]

REFUSED = [
    (SINGLE, "z"),
    (SINGLE, 1),
    (SINGLE, ["a"]),
    (MULTI, ["a", "b", "c", "d"]),
    (MULTI, ["a", "a"]),
    (MULTI, ["a", "none"]),
    (MULTI, "a"),
    (MULTI, [["a"]]),
    (question("multi", min=2, max=3), ["a"]),
    (RANKING, ["a", "b"]),
    (RANKING, ["a", "b", "c", "d"]),
    (RANKING, ["a", "b", "b"]),
    (NUMBER, 999),
    (NUMBER, 50001),
    (NUMBER, 86.5),
    (NUMBER, "86"),
    (NUMBER, True),
    (GRID, {"all": 1, "old": 2}),
    (GRID, {"all": 31}),
    (GRID, {"cats": 1}),
    (GRID, {"all": "1"}),
    (GRID, [1, 2]),
    (question("number_grid", required=True, rows=ROWS), {"all": 1}),
    (RATING, 0),
    (RATING, 11),
    (RATING, True),
    (MATRIX, {"all": 4}),
    (MATRIX, {"cats": 1}),
    (question("matrix", rows=ROWS, labels=["差", "好"]), {"all": 0}),
    (question("matrix", required=True, rows=ROWS, labels=["差", "好"]), {"all": 1}),
    (TEXT, "一二三四五六七八九十多"),
    (TEXT, 5),
    (question("text", min=3, max=9), "一二"),
    (question("text", max=9, pattern="[A-Z]{2}\\d"), "AB12"),
    (DAY, "2026-11-23"),
    (DAY, "2026-02-30"),
    (DAY, "2026-2-3"),
    (DAY, "0001-01-01"),
    (question("time"), "24:00"),
    (question("time"), "9:30"),
    (question("datetime"), "2026-02-30T09:30"),
    (question("datetime"), "2026-11-22 09:30"),
    (question("datetime"), "2026-11-22T09:60"),
    (DAY, "２０２６-11-22"),
    (PHONE, "12812341234"),
    (PHONE, "1381234123"),
    (PHONE, "不告诉你"),
    (PHONE, 13812341234),
    (PHOTO, [{"file": FILE}, {"file": "B" * 22}, {"file": "C" * 22}]),
    (PHOTO, [{"file": "../../etc/passwd"}]),
    (PHOTO, [{"file": FILE, "caption": "一二三四五六七八九十多"}]),
    (PHOTO, [{"file": FILE, "url": "x"}]),
    (PHOTO, [{"file": FILE}, {"file": FILE}]),
    (SIGNATURE, "data:image/png;base64,AAAA"),
    (CONSENT, {"use": False, "call": True}),
    (CONSENT, {"use": True}),
    (CONSENT, {"use": 1, "call": True}),
    (CONSENT, {"use": True, "call": True, "more": True}),
    (question("note"), "x"),
    (question("place"), "x"),
]


@pytest.mark.parametrize(("asked", "value", "kept", "texts"), TAKEN, ids=lambda part: getattr(part, "kind", None))
def test_a_good_answer_is_kept_in_its_one_form_and_shown_in_words(asked, value, kept, texts):
    assert check(asked, value) == kept
    assert KINDS[asked.kind].show(asked, kept) == texts


@pytest.mark.parametrize(("asked", "value"), REFUSED, ids=lambda part: getattr(part, "kind", None))
def test_a_wrong_answer_is_refused_with_words_for_the_person(asked, value):
    with pytest.raises(Refused) as refused:
        check(asked, value)
    assert refused.value.text.endswith(("。", "使用", "电话"))


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=30)),
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)),
        max_leaves=8,
    )
)
def test_whatever_comes_in_a_check_gives_a_normal_form_or_refuses(value):
    for asked in (SINGLE, MULTI, RANKING, NUMBER, GRID, RATING, MATRIX, TEXT, DAY, PHONE, PHOTO, SIGNATURE, CONSENT):
        try:
            kept = check(asked, value)
        except Refused:
            continue
        assert check(asked, kept) == kept
        KINDS[asked.kind].show(asked, kept)
        list(KINDS[asked.kind].tally(asked, kept))


def test_shares_of_several_are_counted_per_respondent_not_per_tick():
    assert list(KINDS["multi"].tally(MULTI, ["a", "b"])) == [("", "*", 1), ("", "a", 1), ("", "b", 1)]


def test_a_ranking_counts_each_place_apart():
    assert list(KINDS["ranking"].tally(RANKING, ["c", "a", "b"])) == [("1", "c", 1), ("2", "a", 1), ("3", "b", 1)]


@pytest.mark.parametrize(
    ("value", "decimals", "text"), [(8650, 2, "86.5"), (8600, 2, "86"), (5, 2, "0.05"), (7, 0, "7"), (-150, 2, "-1.5")]
)
def test_a_scaled_number_reads_as_people_write_it(value, decimals, text):
    assert number_text(value, decimals) == text


NUMBERS = json.loads((Path(__file__).parents[1] / "number_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", NUMBERS, ids=lambda vector: vector["says"])
def test_limits_and_steps_are_exact_and_every_answer_has_one_band(vector):
    asked = question("number", options=(), **vector["spec"])
    kind, decimals = KINDS["number"], asked.spec.get("decimals", 0)
    assert list(kind.problems(asked)) == []
    known = [cell for cell, _ in bands(asked.spec)]
    assert len(set(known)) == len(known) <= 26
    for text, value in vector["takes"].items():
        assert check(asked, value) == value
        plain = unicodedata.normalize("NFKC", text).replace("−", "-")
        assert exact(plain, decimals) == value
        assert exact(number_text(value, decimals), decimals) == value
        assert next(cell for _, cell, _ in kind.tally(asked, value)) in known
    for text in vector["refuses"]:
        value = exact(text, decimals)
        if value is not None and "." in text and not decimals:
            continue  # typed with a fraction where none is meant: the page leaves it as a text
        with pytest.raises(Refused):
            check(asked, text if value is None else value)


@pytest.mark.parametrize(
    "spec",
    [
        {"low": 0, "high": 5, "decimals": 5},
        {"low": "0.05", "high": 5, "decimals": 1},
        {"low": "0,5", "high": 5, "decimals": 1},
        {"low": "1.5", "high": 1, "decimals": 1},
        {"low": 0.5, "high": 1, "decimals": 1},
        {"low": "１", "high": 2},
        {"low": 0, "high": 1, "step": "0.3", "decimals": 1},
        {"low": 0, "high": 1, "step": 0},
        {"low": 0, "high": 1, "step": "0.5"},
    ],
)
def test_limits_that_cannot_be_meant_are_found_when_the_questionnaire_is_read(spec):
    assert len(list(KINDS["number"].problems(question("number", options=(), **spec)))) == 1
