"""Our conditions as XLSForm says them (XPath over ``${name}``), with what is known beforehand folded away."""

from collections.abc import Callable
from typing import Any

from surveys.questionnaires.rules import branching
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.questions import KINDS, Question
from surveys.questionnaires.rules.questions.choices import Cascade
from surveys.questionnaires.rules.questions.scales import number_text
from surveys.questionnaires.xlsform.expressions import joined, negated

FACT_COLUMNS = {
    "dwelling.floor": "floor",
    "building.floors": "floors",
    "building.has_lift": "has_lift",
    "estate.renovated": "renovated",
    "estate.built_year": "built_year",
}
"""Facts of the register, and their columns in the table of doors."""
_SIGNS = {"is": "=", "at_least": ">=", "at_most": "<="}


def ranks_all(question: Question) -> bool:
    """Whether a ranking orders every option, which is what XLSForm's own rank does."""
    return bool(question.spec["count"] == len(question.options))


class Conditions:
    """Says conditions of one form. ``name(code, part)``: the field of an answer; ``tell``: what to list;
    ``at_doors``: facts are asked of the table of doors, else they are unknown."""

    def __init__(self, form: Form, *, at_doors: bool, name: Callable[..., str], tell: Callable[[str], None]) -> None:
        self._form = form
        self._at_doors = at_doors
        self._name = name
        self._tell = tell
        self._left_out: set[str] = set()
        self._not_offered: set[tuple[str, Any]] = set()

    def leave_out(self, code: str) -> None:
        """Nobody is asked this question: whatever is compared with its answer is false."""
        self._left_out.add(code)

    def leave_out_option(self, code: str, option: str) -> None:
        """Nobody is offered this option: that it was chosen is false."""
        self._not_offered.add((code, option))

    def said(self, expr: Any, code: str) -> str | bool:
        """A condition as XPath; True or False when it is settled without any answer."""
        unknown = sorted(name for name in branching.names(expr) if name in FACT_COLUMNS and not self._at_doors)
        if unknown:
            self._tell(f"{code}：条件用到登记信息 {'、'.join(unknown)}，表里没有，按“不知道”处理")
        made = self._folded(expr)
        return made if isinstance(made, bool) else str(made["x"])

    def _folded(self, expr: Any) -> dict[str, Any] | bool:
        (word, body), *_ = expr.items()
        if word in ("all", "any"):
            parts = joined(word, [self._folded(part) for part in body])
            if isinstance(parts, bool) or "x" in parts:
                return parts
            sign = " and " if word == "all" else " or "
            return {"x": "(" + sign.join(part["x"] for part in parts[word]) + ")"}
        if word == "not":
            inner = negated(self._folded(body))
            return inner if isinstance(inner, bool) else {"x": f"not({inner['not']['x']})"}
        made = self._compared(word, body if word == "answered" else body[0], None if word == "answered" else body[1])
        return made if isinstance(made, bool) else {"x": made}

    def _compared(self, word: str, name: Any, value: Any) -> str | bool:
        if isinstance(name, dict):
            worked = self._amount(name)
            return False if worked is None else f"{worked} {_SIGNS[word]} {value}"
        if name in branching.FACTS:
            return self._fact(word, name, value)
        if word == "in":
            parts = [part for one in value if (part := self._compared("is", name, one)) is not False]
            return "(" + " or ".join(str(part) for part in parts) + ")" if parts else False
        if word in ("is", "has") and type(value) is str and (name, value) in self._not_offered:
            return False
        question = self._form.with_inner.get(name)
        head, _, row = name.partition(".")
        if (question.code if question else head) in self._left_out:
            return False  # nobody is asked, so there is no answer
        if question is None:
            question = self._form.with_inner[head]
            return self._row(word, question, self._name(head, row), value)
        if word == "answered" and question.kind == "repeat":
            # Not by counting: a row nobody has filled in is no answer.
            fields = [one for inner in question.inner if KINDS[inner.kind].answerable for one in self.parts(inner)]
            return "(" + " or ".join(f"join('', ${{{one}}}) != ''" for one in fields) + ")"
        if word == "answered":
            return "(" + " or ".join(f"${{{one}}} != ''" for one in self.parts(question)) + ")"
        if word == "has":
            if question.kind == "cascade":
                levels = range(1, len(question.spec["levels"]) + 1)
                at = next(level for level in levels if value in dict(Cascade().at_level(question, level)))
                return f"${{{self._name(question.code, str(at))}}} = '{value}'"
            if question.kind == "ranking" and not ranks_all(question):
                return "(" + " or ".join(f"${{{one}}} = '{value}'" for one in self.parts(question)) + ")"
            return f"selected(${{{self._name(name)}}}, '{value}')" if question.kind != "single" else False
        return self._row(word, question, self._name(name), value)

    def _row(self, word: str, question: Question, name: str, value: Any) -> str | bool:
        if word == "answered":
            return f"${{{name}}} != ''"
        sign = _SIGNS[word]
        if isinstance(value, bool):
            return f"${{{name}}} = '{'yes' if value else 'no'}'"
        if isinstance(value, int):
            return f"${{{name}}} {sign} {number_text(value, question.spec.get('decimals', 0))}"
        quote = '"' if "'" in value else "'"
        return f"${{{name}}} = {quote}{value}{quote}"

    def _amount(self, amount: Any) -> str | None:
        """An amount as XPath, in smallest steps as ours are; None where nobody is asked a part of it."""
        if isinstance(amount, int):
            return str(amount)
        if isinstance(amount, str):
            return self._stepped(amount)
        (word, body), *_ = amount.items()
        if word == "count":
            return "0" if self._asked_of_nobody(body) else f"count-selected(${{{self._name(body)}}})"
        if word == "or":
            return self._stepped(body[0], otherwise=body[1])
        parts = [self._amount(part) for part in body]
        sign = {"sum": " + ", "less": " - ", "times": " * "}[word]
        return None if None in parts else f"({sign.join(str(part) for part in parts)})"

    def beside(self, name: str, sign: str) -> str:
        """That an answer is on the right side of another one, where that was given."""
        if self._asked_of_nobody(name):
            return "true()"
        head, _, row = name.partition(".")
        other = f"${{{self._name(name) if name in self._form.with_inner else self._name(head, row)}}}"
        return f"({other} = '' or . {sign} {other})"

    def _stepped(self, name: str, otherwise: int | None = None) -> str | None:
        """A number in smallest steps; ``otherwise``: the one that stands for none."""
        if self._asked_of_nobody(name):
            return None if otherwise is None else str(otherwise)
        question = self._form.with_inner.get(name)
        head, _, row = name.partition(".")
        field = f"${{{self._name(name) if question else self._name(head, row)}}}"
        decimals = question.spec.get("decimals", 0) if question else 0
        if otherwise is not None:
            field = f"coalesce({field}, {number_text(otherwise, decimals)})"
        return f"round({field} * {10**decimals})" if decimals else field

    def _asked_of_nobody(self, name: str) -> bool:
        return (name if name in self._form.with_inner else name.partition(".")[0]) in self._left_out

    def _fact(self, word: str, name: str, value: Any) -> str | bool:
        if name == "channel":
            known = Channel.WORKER_VISIT.value
            return word == "answered" or (known in value if word == "in" else known == value)
        if not self._at_doors:
            return False
        field_name = f"${{fact_{FACT_COLUMNS[name]}}}"
        if word == "answered":
            return f"{field_name} != ''"
        if word == "in":
            return "(" + " or ".join(str(self._fact("is", name, one)) for one in value) + ")"
        if isinstance(value, bool):
            return f"{field_name} = '{'true' if value else 'false'}'"
        sign = _SIGNS.get(word)
        return False if sign is None else f"{field_name} {sign} {value}"

    def parts(self, question: Question) -> list[str]:
        """The fields of a question that hold something once it is answered."""
        code, spec = question.code, question.spec
        if question.kind in ("number_grid", "matrix"):
            return [self._name(code, row["code"]) for row in spec["rows"]]
        if question.kind == "consent":
            return [self._name(code, item["code"]) for item in spec["items"]]
        if question.kind == "photo":
            return [self._name(code, "1")]
        if question.kind == "cascade":
            return [self._name(code, "1")]
        if question.kind == "ranking" and not ranks_all(question):
            return [self._name(code, str(place)) for place in range(1, spec["count"] + 1)]
        return [self._name(code)]
