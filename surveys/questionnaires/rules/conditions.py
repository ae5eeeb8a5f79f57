"""The conditions of a questionnaire as a whole: do they name what was asked before, and can they ever hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from surveys.questionnaires.rules import amounts, branching
from surveys.questionnaires.rules.questions import KINDS, Question
from surveys.questionnaires.rules.questions.scales import scale_of
from surveys.questionnaires.rules.reach import FEW, circle, reachable

Fault = tuple[str, str]
"""(code of a question, what is wrong), in Chinese."""


def problems(questions: Sequence[Question]) -> Iterator[Fault]:
    """Yield what is wrong with the conditions of questions that are well formed one by one."""
    known = {one.code: one for question in questions for one in (question, *question.inner)}
    if loop := circle(known.values()):
        yield loop[0], f"条件绕成了圈：{' → '.join(loop)}"
        return
    place = {code: index for index, code in enumerate(known)}
    home = {one.code: question.code for question in questions for one in question.inner}
    found = [
        (question.code, text)
        for question in known.values()
        for text in (
            *_named(question, known, place, home),
            *_source_problems(question, known, place),
            *_other_problems(question, known, place, home),
        )
    ]
    yield from found or (fault for question in questions for fault in _unreachable(question, known))


def _named(
    question: Question, known: Mapping[str, Question], place: Mapping[str, int], home: Mapping[str, str]
) -> Iterator[str]:
    """What is wrong with what the conditions of a question name."""
    within, wrong = home.get(question.code, ""), False
    for condition in conditions_of(question):
        for word, name, values in branching.comparisons(condition):
            head = name if name in known else name.partition(".")[0]
            if home.get(head, within) != within or (within and head == within):
                texts = [f"{name} 在重复填写的题里，只有同一组里后面的题能用它作条件"]
            else:
                texts = list(_name_problems(word, name, values, known))
                if head in place and place[head] >= place[question.code]:
                    texts.append(f"条件提到了后面的题 {name}，填表的人还没看到它")
            wrong = wrong or bool(texts)
            yield from texts
        for amount in () if wrong else branching.amounts_of(condition):
            if amounts.largest(amount, lambda how, name: _farthest(how, name, known)) > amounts.MOST:
                yield "条件里算出来的数可能太大，请把各题的范围写小一些"


def conditions_of(question: Question) -> Iterator[branching.Expr]:
    """Every condition of a question: of being shown, of being required, of its options being offered."""
    yield from (condition for condition in (question.show_if, question.require_if) if condition)
    yield from (option.show_if for option in question.options if option.show_if)


def _source_problems(question: Question, known: Mapping[str, Question], place: Mapping[str, int]) -> Iterator[str]:
    """``rows_from`` names a whole number asked before."""
    name = question.spec.get("rows_from")
    if question.kind != "repeat" or name is None:
        return
    head = name if name in known else name.partition(".")[0]
    source = known.get(head)
    whole = source is not None and (
        (source.kind == "number" and not source.spec.get("decimals") and name == head)
        or (source.kind == "number_grid" and name.partition(".")[2] in KINDS[source.kind].rows(source))
    )
    if not whole or source is None or source.private or "." in source.code:
        yield f"份数（rows_from）要取自前面一个整数题，{name} 不是"
    elif place[head] >= place[question.code]:
        yield f"份数（rows_from）取自后面的题 {name}，填表的人还没看到它"


def _other_problems(
    question: Question, known: Mapping[str, Question], place: Mapping[str, int], home: Mapping[str, str]
) -> Iterator[str]:
    """What a number may not exceed, or fall short of, is a number with as many places asked before."""
    for key in ("at_most", "at_least") if question.kind == "number" else ():
        name = question.spec.get(key)
        if name is None:
            continue
        head = name if name in known else name.partition(".")[0]
        texts = list(_name_problems(amounts.NUMBER, name, (), known))
        if not texts and place[head] >= place[question.code]:
            texts = [f"{name} 在后面，填表的人还没看到它"]
        elif not texts and home.get(head, "") not in ("", home.get(question.code, "")):
            texts = [f"{name} 在重复填写的题里，外面用不到它"]
        elif not texts and known[head].spec.get("decimals", 0) != question.spec.get("decimals", 0):
            texts = [f"{name} 的小数位数和这一题不一样"]
        yield from (f"{key}：{text}" for text in texts)


def _unreachable(question: Question, known: Mapping[str, Question]) -> Iterator[Fault]:
    if not reachable(question, known):
        yield question.code, "这一题的条件永远不会成立，谁也看不到它"
        return
    for one in (question, *question.inner):
        both = [part for part in (question.show_if, one.show_if) if part]
        if one is not question and one.show_if and not reachable(_only_where(one, both), known):
            yield one.code, "这一题的条件永远不会成立，谁也看不到它"
            continue
        for option in one.options:
            if option.show_if and not reachable(_only_where(one, [*both, option.show_if]), known, most=FEW):
                yield one.code, f"选项 {option.code} 的条件永远不会成立，谁也选不到它"


def _only_where(question: Question, conditions: list[branching.Expr]) -> Question:
    return replace(question, show_if=conditions[0] if len(conditions) == 1 else {"all": conditions})


def _farthest(how: str, name: str, known: Mapping[str, Question]) -> int:
    """How far from nothing what an amount reads may be, in smallest steps."""
    question = known.get(name) or known[name.partition(".")[0]]
    if how == amounts.COUNT:
        return len(question.options)
    if question.kind == "matrix":
        return len(question.spec["labels"])
    specs = question.spec["rows"] if question.kind == "number_grid" else [question.spec]
    scales = [scale_of(spec) for spec in specs]
    return max(max(abs(scale.low), abs(scale.high)) for scale in scales)


def _name_problems(word: str, name: str, values: tuple[Any, ...], by_code: Mapping[str, Question]) -> Iterator[str]:
    if name in branching.FACTS:
        allowed = branching.FACTS[name]
        if word in (amounts.NUMBER, amounts.COUNT):
            yield f"登记信息 {name} 不能用来计算"
    elif name in by_code:
        question = by_code[name]
        allowed = KINDS[question.kind].values(question)
        if not KINDS[question.kind].answerable:
            yield f"{name} 没有答案，不能写在条件里"
        if word == "has" and question.kind not in ("multi", "ranking", "single", "cascade"):
            yield f"{name} 不是多选题，不能用 has"
        if word == "is" and question.kind in ("multi", "ranking", "cascade"):
            yield f"{name} 可选几项，要用 has，不能用 is"
        if question.private:
            yield f"{name} 是个人信息，不能写在条件里"
        if word == amounts.NUMBER and question.kind not in ("number", "rating"):
            yield f"{name} 不是数字，不能用来计算"
        if word == amounts.COUNT and question.kind not in ("multi", "ranking"):
            yield f"{name} 不是多选题，数不出选了几项"
    else:
        head, dot, row = name.partition(".")
        grid = by_code.get(head)
        if not dot or grid is None or row not in KINDS[grid.kind].rows(grid):
            yield f"条件里的 {name} 不存在"
            return
        allowed = KINDS[grid.kind].values(grid)
        if word == amounts.COUNT or (word == amounts.NUMBER and grid.kind not in ("number_grid", "matrix")):
            yield f"{name} 不能用来计算"
    if allowed is not None and word in ("is", "in", "has"):
        for value in values:
            if not any(type(value) is type(one) and value == one for one in allowed):
                yield f"{name} 没有 {value} 这个选项"
