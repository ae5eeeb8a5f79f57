"""The sheets of a form being written: names that stay apart, lists of choices with what limits them, groups."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.questions import Question
from surveys.questionnaires.xlsform.relevance import FACT_COLUMNS, Conditions

SECOND_VISITOR = "second_visitor"
DOOR_FIELDS = ("door_scan", "door_typed", "door", "door_label", "door_unknown", "door_known", SECOND_VISITOR)
Cells = dict[str, str]


@dataclass(frozen=True)
class Field:
    """One field of the XForm: the answer ``code`` it belongs to, ``part`` of it (a row, a place) and how it is read:
    code, codes, rank, place, number, score, yes_no, text, time, moment, file or caption. ``decimals``: of a number;
    ``repeat``: the name of the repeat it stands in."""

    name: str
    code: str
    how: str
    part: str = ""
    decimals: int = 0
    repeat: str = ""


@dataclass
class Exported:
    """The sheets, what each field means, and what XLSForm could not say. ``names``: of fields and groups, by the code
    of the answer and the part of it."""

    survey: list[Cells] = field(default_factory=list)
    choices: list[Cells] = field(default_factory=list)
    settings: list[Cells] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def sheets(self) -> dict[str, list[Cells]]:
        """What is written to a file, or given to pyxform."""
        return {"survey": self.survey, "choices": self.choices, "settings": self.settings}


class Sheets:
    """What every writer of a question needs."""

    def __init__(self, form: Form, at_doors: bool) -> None:
        self._form = form
        self._at_doors = at_doors
        self._out = Exported()
        self._raw = {
            str(entry["code"]): entry for chapter in form.document["sections"] for entry in chapter["questions"]
        }
        for question in form.questions:
            for entry in self._raw.get(question.code, {}).get("questions", []):
                self._raw[f"{question.code}.{entry['code']}"] = entry
        self._repeat_name = ""
        self._taken = {"meta", "data", *DOOR_FIELDS, *(f"fact_{column}" for column in FACT_COLUMNS.values())}
        self._names = self._out.names
        self._conditions = Conditions(form, at_doors=at_doors, name=self._name, tell=self._out.listed.append)
        for code in form.with_inner:
            self._name(code)

    def _name(self, code: str, part: str = "") -> str:
        """The field's name, always the same for the same answer and part, and nobody else's."""
        if (code, part) not in self._names:
            whole = code.replace(".", "__")
            name = re.sub(r"[^A-Za-z0-9_]", "_", f"{whole}__{part}" if part else whole)
            while name in self._taken:
                name += "_"
            self._taken.add(name)
            self._names[code, part] = name
        return self._names[code, part]

    def _add(self, question: Question, how: str, cells: Mapping[str, str], part: str = "", **more: str) -> str:
        name = self._name(question.code, part)
        own = {"constraint_message": question.wrong} if question.wrong else {}
        if question.missing and cells.get("required"):
            own["required_message"] = question.missing
        self._out.survey.append({**cells, **more, **own, "name": name})
        if how:
            decimals = question.spec.get("decimals", 0)
            self._out.fields.append(Field(name, question.code, how, part, decimals, self._repeat_name))
        return name

    def _list(self, name: str, pairs: Sequence[tuple[str, str]], extra: Mapping[str, Cells] | None = None) -> str:
        if not any(row["list_name"] == name for row in self._out.choices):
            more = extra or {}
            self._out.choices += [
                {"list_name": name, "name": code, "label": label, **more.get(code, {})} for code, label in pairs
            ]
        return name

    def _options(self, question: Question) -> tuple[str, Cells]:
        """The list of a question's options, and the ``choice_filter`` that goes with it where some are limited."""
        pairs = [(option.code, option.label) for option in question.options]
        name = self._name(question.code)
        limits = {option.code: option.show_if for option in question.options if option.show_if}
        if not limits:
            return self._list(name, pairs), {}
        if (above := self._above(limits)) and len(limits) == len(pairs):
            extra = {code: {"parent": limit["is"][1]} for code, limit in limits.items()}
            return self._list(name, pairs, extra), {"choice_filter": f"parent = ${{{self._name(above)}}}"}
        return self._by_rule(question, name, pairs, limits)

    @staticmethod
    def _above(limits: Mapping[str, Mapping[str, Any]]) -> str:
        """The one question whose answer each limit names, when that is all they say: a cascade as XLSForm writes it."""
        names = {limit["is"][0] if "is" in limit and type(limit["is"][1]) is str else "" for limit in limits.values()}
        return next(iter(names)) if len(names) == 1 else ""

    def _by_rule(
        self, question: Question, name: str, pairs: list[tuple[str, str]], limits: Mapping[str, Mapping[str, Any]]
    ) -> tuple[str, Cells]:
        """Any other limits: each different one gets a word in a column, and the filter says what it stands for."""
        rules: dict[str, str] = {}
        extra: dict[str, Cells] = {}
        kept = []
        for code, label in pairs:
            said = self._conditions.said(limits[code], question.code) if code in limits else True
            if said is False:
                self._conditions.leave_out_option(question.code, code)
                self._out.listed.append(f"{question.code}：入户时用不到选项 {code}，没有写进表里")
                continue
            word = "always" if said is True else rules.setdefault(str(said), f"rule{len(rules) + 1}")
            extra[code] = {"rule": word}
            kept.append((code, label))
        parts = ["rule = 'always'"] if any(cells["rule"] == "always" for cells in extra.values()) else []
        parts += [f"(rule = '{word}' and {said})" for said, word in rules.items()]
        return self._list(name, kept, extra), {"choice_filter": " or ".join(parts)} if rules else {}

    def _group(self, question: Question, head: Cells, common: Cells, appearance: str = "field-list") -> None:
        label = head["label"] + (f"\n{head['hint']}" if "hint" in head else "")
        group = {"type": "begin_group", "label": label, **common, **({"appearance": appearance} if appearance else {})}
        self._out.survey.append({**group, "name": self._name(question.code, "group")})

    def _end(self, question: Question) -> None:
        self._out.survey.append({"type": "end_group", "name": self._name(question.code, "group")})
