"""Can anybody ever see this question? Found out when a document is read, not by the first resident."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product
from typing import Any

from surveys.questionnaires.rules import amounts, branching
from surveys.questionnaires.rules.questions import KINDS, Question
from surveys.questionnaires.rules.questions.scales import scale_of

TOO_MANY = 50_000
"""Combinations tried before a condition is believed without proof."""
FEW = 3_000
"""The same for the condition of an option: there may be hundreds of them."""


def _head(name: str, by_code: Mapping[str, Question]) -> str | None:
    if name in branching.FACTS:
        return None
    return name if name in by_code else name.partition(".")[0]


def circle(questions: Iterable[Question]) -> list[str]:
    """The first chain of conditions that leads back to where it began, or an empty list."""
    by_code = {question.code: question for question in questions}
    edges: dict[str, list[str]] = {}
    for question in by_code.values():
        read: set[str] = set()
        options = (option.show_if for option in question.options)
        for condition in (question.show_if, question.require_if, *options):
            read |= branching.names(condition) if condition else set()
        heads = {_head(name, by_code) for name in read}
        edges[question.code] = sorted(head for head in heads if head in by_code and head is not None)
    done: set[str] = set()

    def walk(code: str, path: list[str]) -> list[str]:
        if code in path:
            return [*path[path.index(code) :], code]
        if code in done:
            return []
        for other in edges[code]:
            if loop := walk(other, [*path, code]):
                return loop
        done.add(code)
        return []

    for code in edges:
        if loop := walk(code, []):
            return loop
    return []


def reachable(question: Question, by_code: Mapping[str, Question], most: int = TOO_MANY) -> bool:
    """Whether some household could be shown the question: tries every combination of the values that its condition, and
    the conditions of the questions it reads, tell apart. Expects conditions without circles."""
    if question.show_if is None:
        return True
    chain = _chain(question, by_code)
    compared: dict[str, list[tuple[str, tuple[Any, ...]]]] = {}
    for link in chain:
        limits = _limits(link).values() if link is not question else ()
        for condition in (link.show_if, *limits):
            for word, name, values in branching.comparisons(condition) if condition else ():
                compared.setdefault(name, []).append((word, values))
    if any(word in (amounts.NUMBER, amounts.COUNT) for uses in compared.values() for word, _ in uses):
        return True  # what several answers make together is believed: too many of them would have to be tried
    domains = {name: list(_candidates(name, uses, by_code)) for name, uses in compared.items()}
    size = 1
    for domain in domains.values():
        size *= len(domain)
    if size > most:
        return True
    tests = {link.code: branching.compiled(link.show_if) for link in chain if link.show_if}
    before = [link for link in chain if link.code != question.code]
    offers = {
        link.code: {code: branching.compiled(condition) for code, condition in _limits(link).items()} for link in before
    }
    for chosen in product(*domains.values()):
        given = dict(zip(domains, chosen, strict=True))
        facts = {name: value for name, value in given.items() if name in branching.FACTS}
        answers: dict[str, Any] = {}
        for link in before:
            limit = offers[link.code].get(given.get(link.code)) if offers[link.code] else None
            if (link.code not in tests or tests[link.code](answers, facts)) and (not limit or limit(answers, facts)):
                _put(link, given, answers)
        if tests[question.code](answers, facts):
            return True
    return False


def _limits(question: Question) -> dict[Any, branching.Expr]:
    """When its options are offered, as far as this is proved here: of questions with one answer."""
    if question.kind != "single":
        return {}
    return {option.code: option.show_if for option in question.options if option.show_if}


def _put(question: Question, given: Mapping[str, Any], answers: dict[str, Any]) -> None:
    if given.get(question.code) is not None:
        answers[question.code] = given[question.code]
    for row in KINDS[question.kind].rows(question):
        value = given.get(f"{question.code}.{row}")
        if value is not None:
            answers.setdefault(question.code, {})[row] = value


def _chain(question: Question, by_code: Mapping[str, Question]) -> list[Question]:
    """All it depends on in the order of the sheet, and then the question."""
    wanted: set[str] = set()
    todo = [question]
    while todo:
        link = todo.pop()
        if link.code in wanted:
            continue
        wanted.add(link.code)
        limits = _limits(link).values() if link is not question else ()
        for condition in (link.show_if, *limits):
            heads = {_head(name, by_code) for name in branching.names(condition)} if condition else set()
            todo += [by_code[head] for head in heads if head is not None and head in by_code]
    return [one for code, one in by_code.items() if code in wanted and code != question.code] + [question]


def _candidates(name: str, uses: list[tuple[str, tuple[Any, ...]]], by_code: Mapping[str, Question]) -> Iterator[Any]:
    literals = {value for _, values in uses for value in values}
    yield None
    fact = branching.FACTS.get(name)
    if fact is not None:
        yield from fact
        return
    owner = by_code.get(_head(name, by_code) or "")
    if owner is not None and owner.kind in ("multi", "ranking"):
        mentioned = sorted(literals)
        most = owner.spec.get("max", owner.spec.get("count", len(mentioned)))
        for size in range(1, min(most, len(mentioned)) + 1):
            yield from (list(some) for some in combinations(mentioned, size))
        others = [option.code for option in owner.options if option.code not in literals]
        yield from ([other] for other in others[:1])
        return
    allowed = KINDS[owner.kind].values(owner) if owner else None
    if owner is not None and owner.kind == "cascade":
        yield from ([code] for code in allowed or () if code in literals)
        if len({*(allowed or ())} - literals):
            yield ["another"]
        return
    if allowed is not None and owner is not None and not _limits(owner):
        others = [value for value in allowed if not any(type(one) is type(value) and one == value for one in literals)]
        yield from (value for value in allowed if value not in others[1:])
        return
    if allowed is not None:
        yield from allowed
        return
    numbers = sorted({near for value in literals if type(value) is int for near in (value - 1, value, value + 1)})
    for number in numbers:
        if owner is None or _in_range(owner, name, number):
            yield number
    yield from (
        value
        for value in sorted(map(str, literals))
        if owner is not None and owner.kind in ("text", "date", "time", "datetime")
    )
    if not numbers:
        yield "x"


def _in_range(owner: Question, name: str, number: int) -> bool:
    spec: Mapping[str, Any] = owner.spec
    if owner.kind == "number_grid":
        row = name.partition(".")[2]
        spec = next(one for one in owner.spec["rows"] if one["code"] == row)
    if owner.kind == "matrix":
        return (0 if spec.get("none") else 1) <= number <= len(spec["labels"])
    if "low" not in spec:
        return True
    scale = scale_of(spec)  # not its steps: between two of them a comparison changes nothing
    return scale.low <= number <= scale.high
