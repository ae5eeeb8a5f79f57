"""Kinds that choose from options: one, several, an order, a way down a tree."""

from collections.abc import Iterator

from surveys.questionnaires.rules.questions.base import (
    ANSWERED,
    Alike,
    Check,
    Column,
    Context,
    Count,
    Fill,
    Kind,
    Question,
    Refused,
    Value,
    must_be_offered,
    offer_of,
    wrong_shape,
)


def _options_problems(question: Question) -> Iterator[str]:
    codes = [option.code for option in question.options]
    if len(codes) < 2:
        yield "至少要有两个选项"
    if len(set(codes)) != len(codes):
        yield "选项代码有重复"


def _words(question: Question) -> tuple[tuple[str, str], ...]:
    return tuple((option.code, option.label) for option in question.options)


def _in_order(question: Question) -> Fill:
    """A column a place of the list; a place whose option a correction has dropped stays empty."""
    labels = dict(_words(question))
    return lambda value: [(str(place), code, labels.get(code, code)) for place, code in enumerate(value, 1) if code]


class Single(Kind):
    """One option. Answer: its code. Text or number fields of options are questions of their own (``q02.other``)."""

    name = "single"
    alike = Alike.VALUE
    keys = frozenset({"options"})
    has_options = True
    in_repeat = True

    def problems(self, question: Question) -> Iterator[str]:
        yield from _options_problems(question)

    def check(self, question: Question) -> Check:
        codes, offer = frozenset(option.code for option in question.options), offer_of(question)

        def check(value: Value, context: Context) -> Value:
            if type(value) is not str or value not in codes:
                raise Refused("请从给出的选项里选一个。")
            must_be_offered(offer, [value], context)
            return value

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        return [option.label for option in question.options if option.code == value]

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        yield "", value, 1

    def columns(self, question: Question) -> tuple[Column, ...]:
        return (Column(values=_words(question)),)

    def cells(self, question: Question) -> Fill:
        labels = dict(_words(question))
        return lambda value: (("", value, labels.get(value, str(value))),)

    def values(self, question: Question) -> tuple[Value, ...] | None:
        return tuple(option.code for option in question.options)


class Multi(Kind):
    """Several options, ``min`` to ``max`` of them; an option with ``alone`` excludes the others. Answer: codes in the
    order of the options, whatever the order they were ticked in."""

    name = "multi"
    alike = Alike.LIST
    keys = frozenset({"options", "min", "max"})
    has_options = True
    in_repeat = True

    def problems(self, question: Question) -> Iterator[str]:
        yield from _options_problems(question)
        low, high = question.spec.get("min", 0), question.spec.get("max", len(question.options))
        if not 0 <= low <= high <= len(question.options):
            yield "最少、最多选几项写得不对"

    def check(self, question: Question) -> Check:
        place = {option.code: index for index, option in enumerate(question.options)}
        alone = frozenset(option.code for option in question.options if option.alone)
        low, high = question.spec.get("min", 1), question.spec.get("max", len(question.options))
        offer = offer_of(question)

        def check(value: Value, context: Context) -> Value:
            if type(value) is not list or not all(type(code) is str and code in place for code in value):
                raise Refused("请从给出的选项里选。")
            if len(set(value)) != len(value):
                raise wrong_shape()
            if alone and len(value) > 1 and not alone.isdisjoint(value):
                raise Refused("选了“都不需要”一类的选项，就不能再选别的。")
            if len(value) > high:
                raise Refused(f"最多选 {high} 项，您选了 {len(value)} 项。")
            offered = must_be_offered(offer, value, context)
            # Where fewer are offered than must be ticked, all of them are enough.
            fewest = low if offered is None else min(low, len(offered - alone))
            if len(value) < fewest and alone.isdisjoint(value):
                raise Refused(f"至少选 {fewest} 项。")
            return sorted(value, key=place.__getitem__)

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        return [option.label for option in question.options if option.code in value]

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        # ANSWERED counts people, so that shares are of respondents, not of ticks (DOMAIN §1.5).
        yield "", ANSWERED, 1
        for code in value:
            yield "", code, 1

    def columns(self, question: Question) -> tuple[Column, ...]:
        return tuple(Column(option.code, option.label, ((1, "选了"), (0, "没选"))) for option in question.options)

    def cells(self, question: Question) -> Fill:
        each = [(option.code, (option.code, 1, "√"), (option.code, 0, "")) for option in question.options]
        return lambda value: [ticked if code in value else left for code, ticked, left in each]

    def values(self, question: Question) -> tuple[Value, ...] | None:
        return tuple(option.code for option in question.options)


class Ranking(Kind):
    """``count`` options in order of importance, first is most. Options may come from earlier questions
    (``options_from``). Answer: codes in order."""

    name = "ranking"
    alike = Alike.LIST
    keys = frozenset({"options", "options_from", "count"})
    has_options = True

    def problems(self, question: Question) -> Iterator[str]:
        yield from _options_problems(question)
        if not 1 <= question.spec.get("count", 0) <= len(question.options):
            yield "要排几项（count）写得不对"

    def check(self, question: Question) -> Check:
        codes, offer = frozenset(option.code for option in question.options), offer_of(question)
        most = question.spec["count"]

        def check(value: Value, context: Context) -> Value:
            if type(value) is not list or not all(type(code) is str and code in codes for code in value):
                raise Refused("请从给出的选项里选。")
            if len(set(value)) != len(value):
                raise Refused("同一项不能排两次。")
            offered = must_be_offered(offer, value, context)
            count = most if offered is None else min(most, len(offered))
            if len(value) != count:
                raise Refused(f"请选出并排好 {count} 项，现在是 {len(value)} 项。")
            return value

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        labels = {option.code: option.label for option in question.options}
        return [f"第{place}：{labels[code]}" for place, code in enumerate(value, 1) if code]

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        for place, code in enumerate(value, 1):
            if code:  # "": an option that a correction of the questionnaire has dropped
                yield str(place), code, 1

    def columns(self, question: Question) -> tuple[Column, ...]:
        places = range(1, question.spec["count"] + 1)
        return tuple(Column(str(place), f"排第{place}", _words(question)) for place in places)

    def cells(self, question: Question) -> Fill:
        return _in_order(question)

    def values(self, question: Question) -> tuple[Value, ...] | None:
        return tuple(option.code for option in question.options)


class Cascade(Kind):
    """A way down a tree: 区 → 街道 → 社区. ``levels``: the words for each level; an option names the one it is
    ``under``. Answer: the codes from the top to where the tree ends."""

    name = "cascade"
    alike = Alike.LIST
    keys = frozenset({"options", "levels"})
    has_options = True

    def problems(self, question: Question) -> Iterator[str]:
        yield from _options_problems(question)
        levels, by_code = question.spec.get("levels", []), {option.code: option for option in question.options}
        if not 1 <= len(levels) <= 6 or not all(isinstance(word, str) and word for word in levels):
            yield "每一级叫什么（levels）没有写，或者多于 6 级"
        for option in question.options:
            above, depth = option, 1
            while above.under and depth <= len(levels):
                if above.under not in by_code:
                    yield f"选项 {option.code} 的上一级 {above.under} 不存在"
                    break
                above, depth = by_code[above.under], depth + 1
            if depth > len(levels):
                yield f"选项 {option.code} 比写明的级数还深，或者绕成了圈"

    def check(self, question: Question) -> Check:
        under = {option.code: option.under for option in question.options}
        inner = frozenset(under.values())

        def check(value: Value, context: Context) -> Value:
            if type(value) is not list or not all(type(code) is str and code in under for code in value):
                raise Refused("请从给出的选项里选。")
            if [under[code] for code in value] != ["", *value[:-1]]:
                raise Refused("上下级对不上，请从第一级重新选。")
            if value[-1] in inner:
                raise Refused("请选到最后一级。")
            return value

        return check

    def show(self, question: Question, value: Value) -> list[str]:
        labels = dict(_words(question))
        return [" › ".join(labels[code] for code in value if code)]

    def tally(self, question: Question, value: Value) -> Iterator[Count]:
        for level, code in enumerate(value, 1):
            if code:
                yield str(level), code, 1

    def at_level(self, question: Question, level: int) -> tuple[tuple[str, str], ...]:
        """(code, label) of the options of a level, counted from 1."""
        under = {option.code: option.under for option in question.options}

        def depth(code: str) -> int:
            return 1 + depth(under[code]) if under[code] else 1

        return tuple((option.code, option.label) for option in question.options if depth(option.code) == level)

    def columns(self, question: Question) -> tuple[Column, ...]:
        levels = enumerate(question.spec["levels"], 1)
        return tuple(Column(str(level), word, self.at_level(question, level)) for level, word in levels)

    def cells(self, question: Question) -> Fill:
        return _in_order(question)

    def values(self, question: Question) -> tuple[Value, ...] | None:
        return tuple(option.code for option in question.options)
