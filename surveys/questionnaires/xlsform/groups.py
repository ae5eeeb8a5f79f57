"""Groups of an XLSForm: the tree they make, and those that are one question of ours as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from surveys.questionnaires.xlsform import limits
from surveys.questionnaires.xlsform.compiling import select_kind
from surveys.questionnaires.xlsform.expressions import Target
from surveys.questionnaires.xlsform.kinds import (
    WIDE,
    Coder,
    Lists,
    Made,
    Refusal,
    Spoken,
    bound,
    choices_of,
    first_word,
    options_of,
)
from surveys.questionnaires.xlsform.syntax import Unsayable
from surveys.questionnaires.xlsform.workbook import Row


@dataclass
class Group:
    """A begin_group, or a begin_repeat, with what is inside it."""

    row: Row
    repeat: bool = False
    inside: list["Row | Group"] = field(default_factory=list)

    def rows(self) -> list[Row]:
        """The rows right inside it."""
        return [one for one in self.inside if isinstance(one, Row)]


def flat(group: Group) -> Iterator[Row]:
    """All the rows inside it, those of groups inside it too."""
    for one in group.inside:
        if isinstance(one, Group):
            yield from flat(one)
        else:
            yield one


def tree(rows: list[Row]) -> list[Row | Group]:
    """Rows with groups and repeats as a tree. Expects them to be closed in order, as pyxform makes sure."""
    top: list[Row | Group] = []
    stack: list[list[Row | Group]] = [top]
    for row in rows:
        word = row.get("type").lower().replace(" ", "_")
        if not word:
            continue
        if word in ("begin_repeat", "begin_group") or word.startswith("begin_loop"):
            group = Group(row, word != "begin_group")
            stack[-1].append(group)
            stack.append(group.inside)
        elif word in ("end_repeat", "end_loop", "end_group"):
            stack.pop()
        else:
            stack[-1].append(row)
    return top


def _plain(rows: list[Row]) -> bool:
    return len({row.get("required") for row in rows}) == 1 and not any(
        row.get("relevant") or row.get("choice_filter") for row in rows
    )


def shape_of(group: Group) -> str:
    """matrix, number_grid, ranking, cascade or consent when the group as a whole is one question of ours, else ""."""
    rows, appearance = group.rows(), group.row.get("appearance")
    if len(rows) < 2 or len(rows) != len(group.inside):
        return ""
    same_list = len({row.get("type") for row in rows}) == 1 and select_kind(first_word(rows[0])) == "select one"
    if appearance == "table-list" and same_list and _plain(rows) and not any(row.get("constraint") for row in rows):
        return "matrix"
    if appearance != "field-list":
        return ""
    if all(first_word(row) in ("integer", "int") for row in rows) and _plain(rows):
        return "number_grid"
    if all(select_kind(first_word(row)) == "select one" for row in rows) and _down(rows):
        return "cascade"
    if same_list and not any(row.get("relevant") for row in rows):
        if all(_not_before(row, rows[:place]) for place, row in enumerate(rows)):
            return "ranking"
        if any(row.get("constraint") == ". = 'yes'" for row in rows):
            return "consent"
    return ""


def _down(rows: list[Row]) -> bool:
    """Whether each row chooses from what is under the choice before."""
    if rows[0].get("choice_filter"):
        return False
    pairs = pairwise(rows)
    return all(row.get("choice_filter") == f"under = ${{{before.get('name')}}}" for before, row in pairs)


def _tree_of(made: Made, rows: list[Row], lists: Lists, spoken: Spoken, coder: Coder) -> Made:
    taken: set[str] = set()
    codes: dict[str, str] = {}
    options: list[dict[str, Any]] = []
    for row in rows:
        level: dict[str, str] = {}
        for choice in choices_of(row, lists):
            name, above = choice.get("name"), choice.get("under")
            if name in codes:
                raise Refusal(f"级联题各级的选项代码不能重复（{name}）", choice)
            codes[name] = level[name] = coder(choice, name, taken)
            option = {"code": codes[name], "label": spoken(choice, "label") or name}
            if above and above not in codes:
                raise Refusal(f"上一级没有选项 {above}，谁也选不到它", choice)
            options.append({**option, "under": codes[above]} if above else option)
        made.parts[row.get("name")] = Target("cascade", "", level)
    made.entry |= {"levels": [spoken(row, "label") or row.get("name") for row in rows], "options": options}
    return made


def _not_before(row: Row, before: list[Row]) -> bool:
    said = " and ".join(f". != ${{{one.get('name')}}}" for one in before)
    return row.get("constraint") == said


def whole(group: Group, shape: str, lists: Lists, spoken: Spoken, coder: Coder) -> Made:
    """A group as the one question it is."""
    rows = group.rows()
    made = Made({"kind": shape})
    if rows[0].get("required").lower() in ("yes", "true", "true()"):
        made.entry["required"] = True
    if shape == "cascade":
        return _tree_of(made, rows, lists, spoken, coder)
    if shape == "ranking":
        options, _ = options_of(choices_of(rows[0], lists), spoken, coder)
        made.entry |= {"options": options, "count": len(rows)}
        made.parts |= {row.get("name"): Target("place", "", {}) for row in rows}
        return made
    taken: set[str] = set()
    names = {row.get("name"): coder(row, _short(group, row), taken) for row in rows}
    lines: list[dict[str, Any]] = [{"code": names[row.get("name")], "label": spoken(row, "label")} for row in rows]
    if shape == "consent":
        for row, line in zip(rows, lines, strict=True):
            if row.get("constraint") == ". = 'yes'":
                line["must"] = True
        made.entry["items"] = lines
        truth = {"yes": "yes", "no": "no"}
        made.parts |= {name: Target("consent", code, truth) for name, code in names.items()}
        return made
    made.entry["rows"] = lines
    if shape == "number_grid":
        for row, line in zip(rows, lines, strict=True):
            line |= _grid_row(row, names)
            made.parts[row.get("name")] = Target("number", line["code"], {})
        return made
    scores = {choice.get("name"): spoken(choice, "label") for choice in choices_of(rows[0], lists)}
    labels = [scores[str(score)] for score in range(1, len(scores) + 1) if str(score) in scores]
    expected = {str(score) for score in range(1, len(labels) + 1)} | ({"0"} if "0" in scores else set())
    if set(scores) != expected or len(labels) < 2:
        raise Refusal("表格题（table-list）的选项代码要是 1、2、3…（0 是“没有”），才能作为打分表导入", group.row)
    made.entry |= {"labels": labels, **({"none": scores["0"]} if "0" in scores else {})}
    for name, code in names.items():
        made.parts[name] = Target("single", code, {score: score for score in scores}, numeric=True)
    return made


def _short(group: Group, row: Row) -> str:
    head = group.row.get("name").removesuffix("__group")
    return row.get("name").removeprefix(f"{head}__")


def _grid_row(row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    text, line = row.get("constraint"), {}
    for name, code in names.items():
        said = f" and (${{{name}}} = '' or . <= ${{{name}}})"
        if said in text:
            text, line = text.replace(said, ""), {"at_most": code}
    try:
        found = limits.read(text, whole=True) if text else limits.Limits()
    except Unsayable as reason:
        raise Refusal(f"限制不能导入：{reason}", row) from None
    if found.at_most or found.at_least:
        raise Refusal("限制不能导入：几个数字排在一起（field-list）时，只能和同一组里的数比", row)
    return {**line, "low": bound(found.low, -WIDE), "high": bound(found.high, WIDE)}
