"""What a draft begins with, and what lies between two wordings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from surveys.questionnaires.rules import languages
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.mapping import parts_of
from surveys.questionnaires.rules.questions import Question

MOST_BYTES = 1 << 20
Document = Mapping[str, Any]


def blank(code: str, title: str, edition: str) -> dict[str, Any]:
    """A questionnaire with one part and one question to begin from."""
    options = [{"code": "yes", "label": "同意"}, {"code": "no", "label": "不同意"}]
    question = {"code": "q01", "no": "1", "kind": "single", "title": "第一题", "options": options}
    section = {"code": "s1", "title": "一、基本情况", "questions": [question]}
    return {"code": code, "edition": edition, "title": title, "intro": [], "sections": [section]}


def editable(document: Mapping[str, Any], *, code: str, title: str, edition: str) -> dict[str, Any]:
    """A frozen document as a draft: what a ranking takes from other questions is taken from them anew."""
    sections = [
        {
            **chapter,
            "questions": [
                {key: value for key, value in entry.items() if key != "options" or "options_from" not in entry}
                for entry in chapter["questions"]
            ],
        }
        for chapter in document["sections"]
    ]
    return {**document, "code": code, "title": title, "edition": edition, "sections": sections}


@dataclass(frozen=True)
class Change:
    """One difference: ``how`` is added, dropped, reworded or changed; ``texts`` say what, in Chinese."""

    how: str
    code: str
    no: str
    title: str
    texts: tuple[str, ...]


def compared(before: Form, after: Form) -> list[Change]:
    """What was added, dropped, reworded or changed from one wording to the other, in the order of the newer sheet."""
    found = []
    for code, question in after.with_inner.items():
        old = before.with_inner.get(code)
        if old is None:
            found.append(Change("added", code, question.no, question.title, ()))
            continue
        words, rest = list(_reworded(old, question)), list(_changed(old, question))
        if rest or words:
            how = "changed" if rest else "reworded"
            found.append(Change(how, code, question.no, question.title, (*words, *rest)))
    for code, question in before.with_inner.items():
        if code not in after.with_inner:
            found.append(Change("dropped", code, question.no, question.title, ()))
    return [*found, *_of_the_sheet(before.document, after.document), *_translations(before, after)]


SHEET_WORDS = {
    "title": "问卷名称",
    "intro": "填表说明",
    "language": "问卷用的语言",
    "rates": "同意率怎么算（rates）",
    "subjects": "哪些题由业主回答（subjects）",
    "speaks_as": "怎样看出是承租人填的（speaks_as）",
    "classes": "工程类别",
    "catalogue": "工程目录",
}


def _of_the_sheet(before: Document, after: Document) -> Iterator[Change]:
    """What is said of the sheet as a whole; titles of parts."""
    for key, word in SHEET_WORDS.items():
        if before.get(key) != after.get(key):
            how = "reworded" if key in ("title", "intro") else "changed"
            yield Change(how, "", "", word, tuple(_was(before.get(key))))
    titles = {chapter["code"]: chapter.get("title") for chapter in before["sections"]}
    for chapter in after["sections"]:
        old = titles.get(chapter["code"], chapter.get("title"))
        if old != chapter.get("title"):
            yield Change("reworded", "", "", str(chapter.get("title")), (f"这一部分原来叫：{old}",))


def _was(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield f"原来的文字：{value}"
    elif isinstance(value, list) and all(isinstance(line, str) for line in value):
        yield f"原来的文字：{'；'.join(value)}"


def _translations(before: Form, after: Form) -> Iterator[Change]:
    """Languages that came or went, and what is said otherwise in those that stayed, by question."""
    old, new = dict(languages.names(before.document)), dict(languages.names(after.document))
    for code, name in new.items():
        if code not in old:
            yield Change("added", "", "", f"译文：{name}", ())
    for code, name in old.items():
        if code not in new:
            yield Change("dropped", "", "", f"译文：{name}", ())
    for code in new:
        if code not in old or languages.own(after.document)[0] == code:
            continue
        was, now = languages.texts_of(before.document, code), languages.texts_of(after.document, code)
        told: dict[str, list[str]] = {}
        for address in dict.fromkeys((*now, *was)):
            if was.get(address) != now.get(address):
                question = address.partition("/")[0] if "/" in address else ""
                said = f"{new[code]}：“{was.get(address, '（没有译文）')}”改成“{now.get(address, '（没有译文）')}”"
                told.setdefault(question, []).append(said)
        for question, texts in told.items():
            found = after.with_inner.get(question) or before.with_inner.get(question)
            title, no = (found.title, found.no) if found else ("问卷和各部分的文字", "")
            yield Change("reworded", question if found else "", no, title, tuple(texts))


def labels_of(question: Question) -> dict[str, str]:
    """The words of a question's options, or of its rows, by code."""
    labels = {option.code: option.label for option in question.options}
    for key in ("rows", "items"):
        labels |= {row["code"]: row["label"] for row in question.spec.get(key, [])}
    return labels


TEXT_WORDS = {
    "hint": "说明",
    "wrong": "填错时的提示",
    "missing": "没填时的提示",
    "text": "说明的内容",
    "low_label": "最低分的意思",
    "high_label": "最高分的意思",
    "placeholder": "框里的提示",
    "row_label": "一份的叫法",
    "caption_hint": "照片说明的提示",
    "none": "“没有这项”的说法",
}


def said_of(question: Question, key: str) -> str:
    """A text of a question, "" when it has none."""
    return str(getattr(question, key, "") or question.spec.get(key, ""))


def _reworded(old: Question, new: Question) -> Iterator[str]:
    if old.title != new.title:
        yield f"原来的文字：{old.title}"
    for key, word in TEXT_WORDS.items():
        if said_of(old, key) != said_of(new, key):
            yield f"{word}从“{said_of(old, key) or '没有写'}”改成“{said_of(new, key) or '没有写'}”"
    before, after = labels_of(old), labels_of(new)
    for part, label in before.items():
        if part in after and after[part] != label:
            yield f"“{label}”改成“{after[part]}”"


KIND_WORDS = {
    "single": "单选",
    "multi": "多选",
    "ranking": "排序",
    "number": "数字",
    "number_grid": "几个数字",
    "rating": "打分",
    "matrix": "逐项打分",
    "text": "文字",
    "date": "日期",
    "time": "钟点",
    "datetime": "日期和钟点",
    "phone": "电话",
    "cascade": "逐级选择",
    "photo": "照片",
    "signature": "签名",
    "consent": "同意事项",
    "repeat": "逐个填写",
    "place": "房屋地址（不用填）",
    "note": "说明文字",
}
LIMIT_WORDS = {
    "low": "最小",
    "high": "最大",
    "min": "最少几项（字、份）",
    "max": "最多几项（字、张、份）",
    "count": "排几项",
    "decimals": "小数位数",
    "step": "每格",
    "at_most": "不能多于",
    "at_least": "不能少于",
    "unit": "单位",
    "caption": "照片说明的字数",
    "labels": "每一分的意思",
    "levels": "各级的叫法",
    "rows_from": "份数取自",
    "pattern": "答案的写法",
}


def _changed(old: Question, new: Question) -> Iterator[str]:
    if old.kind != new.kind:
        yield f"题型从“{KIND_WORDS[old.kind]}”变成“{KIND_WORDS[new.kind]}”"
    before, after = labels_of(old), labels_of(new)
    for part in parts_of(old):
        if part not in after:
            yield f"去掉了“{before.get(part, part)}”"
    for part in parts_of(new):
        if part not in before:
            yield f"加了“{after.get(part, part)}”"
    if old.required != new.required:
        yield "改成必填" if new.required else "改成可不填"
    for name, word in (("show_if", "显示条件"), ("require_if", "必填条件")):
        if getattr(old, name) != getattr(new, name):
            yield f"{word}变了"
    if [option.show_if for option in old.options] != [option.show_if for option in new.options]:
        yield "选项的条件变了"
    for key, word in LIMIT_WORDS.items():
        if old.spec.get(key) != new.spec.get(key):
            yield f"{word}从 {_plain(old.spec.get(key))} 变成 {_plain(new.spec.get(key))}"


def _plain(value: Any) -> str:
    if value is None:
        return "没有写"
    return "、".join(str(one) for one in value) if isinstance(value, list) else str(value)
