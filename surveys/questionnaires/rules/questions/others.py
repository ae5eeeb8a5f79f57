"""Kinds that are not choices, numbers or words: photos, a signature, consent, what is only shown."""

import re
from collections.abc import Iterable, Iterator

from surveys.questionnaires.rules.questions.base import (
    Alike,
    Cell,
    Check,
    Column,
    Context,
    Count,
    Fill,
    Kind,
    Question,
    Refused,
    Value,
    wrong_shape,
)
from surveys.questionnaires.rules.questions.texts import clean_text

_FILE_ID = re.compile(r"[A-Za-z0-9_-]{16,32}", re.ASCII)
MOST_PHOTOS = 9


def _file_id(value: Value) -> str:
    if type(value) is not str or not _FILE_ID.fullmatch(value):
        raise wrong_shape()
    return value


class Photo(Kind):
    """Up to ``max`` photos, each with a caption of ``caption`` characters at most. Answer: [{"file", "caption"}] where
    file is the id the upload gave; that the file exists and belongs here is the service's question."""

    name = "photo"
    keeps_files = True
    in_repeat = True
    keys = frozenset({"max", "caption", "caption_hint"})

    def problems(self, question: Question) -> Iterator[str]:
        if not 1 <= question.spec.get("max", 0) <= MOST_PHOTOS:
            yield f"照片张数要在 1 到 {MOST_PHOTOS} 之间"

    def check(self, question: Question) -> Check:
        most, longest = question.spec["max"], question.spec.get("caption", 0)

        def check(value: Value, context: Context) -> Value:
            if type(value) is not list:
                raise wrong_shape()
            if len(value) > most:
                raise Refused(f"最多 {most} 张照片。")
            photos = []
            for photo in value:
                if type(photo) is not dict or not photo.keys() <= {"file", "caption"}:
                    raise wrong_shape()
                caption = photo.get("caption", "")
                if type(caption) is not str:
                    raise wrong_shape()
                caption = clean_text(caption)
                if len(caption) > longest:
                    raise Refused(f"照片说明最多 {longest} 个字。")
                photos.append({"file": _file_id(photo.get("file")), "caption": caption})
            if len({photo["file"] for photo in photos}) != len(photos):
                raise wrong_shape()
            return photos

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        return [f"照片{place}：{photo['caption'] or '（没有说明）'}" for place, photo in enumerate(value, 1)]

    def columns(self, question: Question) -> tuple[Column, ...]:
        return Column("n", "张数"), Column("captions", "说明", free=True)

    def cells(self, question: Question) -> Fill:
        def fill(value: Value) -> Iterable[Cell]:
            captions = "；".join(photo["caption"] for photo in value if photo["caption"])
            return ("n", len(value), len(value)), ("captions", captions, captions)

        return fill

    def files(self, question: Question, value: Value) -> list[str]:
        return [photo["file"] for photo in value]


class Signature(Kind):
    """A name drawn with the finger. Answer: the id the upload gave. What makes it weigh something is the audit row that
    binds it to the signed-in account, the text's hash and the time (电子签名法 §13–14)."""

    name = "signature"
    keeps_files = True
    in_repeat = True

    def check(self, question: Question) -> Check:
        return lambda value, context: _file_id(value)

    def show(self, question: Question, value: Value) -> list[str]:
        return ["已签名"]

    def columns(self, question: Question) -> tuple[Column, ...]:
        return (Column(values=((1, "已签名"),)),)

    def cells(self, question: Question) -> Fill:
        return lambda value: (("", 1, "已签名"),)

    def files(self, question: Question, value: Value) -> list[str]:
        return [value]


class Consent(Kind):
    """Separate yes or no for each thing agreed to. An item with ``must`` is needed for the sheet to be used at all; no
    other may be made a condition (个人信息保护法 §16). Answer: {item: true | false}, every item."""

    name = "consent"
    alike = Alike.BY_ROW
    keys = frozenset({"items"})

    def problems(self, question: Question) -> Iterator[str]:
        codes = [item.get("code") for item in question.spec.get("items", [])]
        if not codes or len(set(codes)) != len(codes):
            yield "同意事项空缺或有重复"

    def check(self, question: Question) -> Check:
        items = {item["code"]: item for item in question.spec["items"]}

        def check(value: Value, context: Context) -> Value:
            if type(value) is not dict or not value.keys() <= items.keys():
                raise wrong_shape()
            for code, item in items.items():
                if type(value.get(code)) is not bool:
                    raise Refused(f"请选择是否同意：{item['label']}")
                if item.get("must") and value[code] is not True:
                    raise Refused("不同意把问卷用于改造计划，就不能提交这份问卷。您可以不填，不影响您的其他权利。")
            return {code: value[code] for code in items}

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        return [
            f"{'同意' if value[item['code']] else '不同意'}：{item['label']}"
            for item in question.spec["items"]
            if item["code"] in value
        ]

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        for code, agreed in value.items():
            yield code, "yes" if agreed else "no", 1

    def columns(self, question: Question) -> tuple[Column, ...]:
        words = ((1, "同意"), (0, "不同意"))
        return tuple(Column(item["code"], item["label"], words) for item in question.spec["items"])

    def cells(self, question: Question) -> Fill:
        return lambda value: [(code, int(agreed), "同意" if agreed else "不同意") for code, agreed in value.items()]

    def rows(self, question: Question) -> tuple[str, ...]:
        return tuple(item["code"] for item in question.spec["items"])

    def values(self, question: Question) -> tuple[Value, ...] | None:
        return (True, False)


class _Shown(Kind):
    answerable = False

    def check(self, question: Question) -> Check:
        def check(value: Value, context: Context) -> Value:
            raise wrong_shape()

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        return []

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        yield from ()

    def columns(self, question: Question) -> tuple[Column, ...]:
        return ()


class Place(_Shown):
    """Where the dwelling is. The register knows, so it is shown and not asked."""

    name = "place"


class Note(_Shown):
    """Words to read, nothing to answer."""

    name = "note"
    keys = frozenset({"text"})
    in_repeat = True
