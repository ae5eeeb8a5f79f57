"""Shapes at the edge: what every API body has in common."""

import re
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from kernel.clock import CHINA

fields.Field.default_error_messages.update(
    required="这一项要填。", null="这一项不能为空。", validator_failed="这一项不对，请检查。"
)
fields.String.default_error_messages.update(invalid="这里要填文字。", invalid_utf8="文字里有不认识的字符。")
fields.Integer.default_error_messages.update(invalid="这里要填整数。", too_large="数字太大。")
fields.Boolean.default_error_messages.update(invalid="这里只能选是或否。")
fields.List.default_error_messages.update(invalid="这里要一组内容。")
fields.Mapping.default_error_messages.update(invalid="这里的格式不对。")
ma.Schema.error_messages = {"unknown": "没有这一项。", "type": "内容的格式不对。", "invalid": "内容的格式不对。"}


_ODD = re.compile("[\x00\ud800-\udfff]")


def _odd(value: Any) -> bool:
    todo, texts = [value], []
    for one in todo:  # which grows meanwhile
        kind = type(one)
        if kind is str:
            texts.append(one)
        elif kind is dict or (one is value and isinstance(one, Mapping)):
            todo += one.keys()
            todo += one.values()
        elif kind is list or kind is tuple:
            todo += one
    return _ODD.search("\n".join(texts)) is not None


class Body(ma.Schema):
    """Base of every request body: unknown fields are refused, so that nobody assigns what he was not asked."""

    class Meta:
        unknown = ma.RAISE

    @ma.pre_load
    def no_odd_characters(self, data: Any, **_kwargs: Any) -> Any:
        """Refuse what no database stores: NUL, and halves of surrogate pairs, anywhere in the body."""
        if _odd(data):
            raise ma.ValidationError("文字里有不认识的字符。")
        return data


class Answer(ma.Schema):
    """Base of every answer."""


class Moment(fields.AwareDateTime):
    """An instant as RFC 3339 with China's offset."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(format="iso", default_timezone=CHINA, **kwargs)  # type: ignore[arg-type]

    def _serialize(self, value, attr, obj, **kwargs):
        return super()._serialize(value.astimezone(CHINA) if value is not None else None, attr, obj, **kwargs)


def whole_number(low: int, high: int, **kwargs: object) -> fields.Integer:
    """A strict integer within bounds (a bare Integer takes "1.0", true and 10^30)."""
    message = f"请填 {low} 到 {high} 之间的整数。"
    return fields.Integer(strict=True, validate=ma.validate.Range(low, high, error=message), **kwargs)  # type: ignore[arg-type]


def text(longest: int, shortest: int = 0, **kwargs: object) -> fields.String:
    """A text within bounds, in characters."""
    message = f"请填 {shortest} 到 {longest} 个字。" if shortest else f"最多 {longest} 个字。"
    return fields.String(validate=ma.validate.Length(shortest, longest, error=message), **kwargs)  # type: ignore[arg-type]
