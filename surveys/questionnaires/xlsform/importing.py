"""An XLSForm as a document of our form model, with word of everything that could not come along, by sheet and row.

Two kinds of remarks: ``refused`` (the form is not loaded: it would ask something else than its author wrote) and
``listed`` (it is loaded without this: a default, a picture beside a question, another language).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kernel.errors import Invalid
from surveys.questionnaires.rules import form
from surveys.questionnaires.xlsform import expressions, groups, kinds, rows, workbook
from surveys.questionnaires.xlsform.expressions import Expr, Target, Unsayable
from surveys.questionnaires.xlsform.groups import Group
from surveys.questionnaires.xlsform.kinds import Refusal
from surveys.questionnaires.xlsform.workbook import Row, Workbook

CHINESE = re.compile(r"中文|汉语|汉字|简体|chinese|\bzh\b", re.IGNORECASE)
METADATA = frozenset(
    {"start", "end", "today", "deviceid", "username", "phonenumber", "simserial", "subscriberid", "email", "audit"}
    | {"start-geopoint", "background-audio"}
)
SILENT = METADATA | {"calculate", "hidden", "calculate here"}
READ = frozenset(
    {"type", "name", "label", "hint", "required", "relevant", "constraint", "choice_filter", "parameters", "appearance"}
    | {"repeat_count"}
)
SPOKEN = ("label", "hint")
_NUMBERED = re.compile(r"(?P<no>\d{1,3})[.．、]\s*(?P<title>\S.*)", re.DOTALL)


@dataclass(frozen=True)
class Remark:
    """Something to tell, and where it stands."""

    sheet: str
    row: int
    text: str

    def __str__(self) -> str:
        return f"{self.sheet} 表第 {self.row} 行：{self.text}" if self.row else f"{self.sheet} 表：{self.text}"


@dataclass
class Imported:
    """``document`` is None when something is refused."""

    document: dict[str, Any] | None = None
    refused: list[Remark] = field(default_factory=list)
    listed: list[Remark] = field(default_factory=list)
    questions: int = 0


def read_form(data: bytes, *, code: str | None = None) -> Imported:
    """Read an .xlsx form; ``code``: the questionnaire's code instead of the form's own. Raises Invalid for what is no
    spreadsheet at all."""
    book = workbook.read(data)
    found = Imported()
    try:
        workbook.xform(data)
    except Invalid as refused:
        row = next((int(number) for where in refused.fields for number in re.findall(r"第 (\d+) 行", where)), 0)
        texts = [text for texts in refused.fields.values() for text in texts]
        found.refused = [Remark("survey", row, f"pyxform 不接受：{text}") for text in texts]
        return found
    return _Importer(book, found).run(code)


class _Importer:
    def __init__(self, book: Workbook, found: Imported) -> None:
        self._book = book
        self._found = found
        self._settings = book.settings[0].cells if book.settings else {}
        self._language = self._choose_language()
        self._targets: dict[str, Target] = {}
        self._left: dict[str, str] = {}
        self._codes: set[str] = set()
        self._rows: dict[str, Row] = {}
        self._sections: list[dict[str, Any]] = []
        self._lists: dict[str, list[Row]] = {}
        for row in book.choices:
            self._lists.setdefault(row.get("list_name"), []).append(row)

    def run(self, code: str | None) -> Imported:
        found = self._found
        title = self._settings.get("form_title") or "问卷"
        own = code or re.sub(r"[^A-Za-z0-9_-]+", "-", self._settings.get("form_id", "")).strip("-").lower()[:40]
        if not own:
            found.refused.append(Remark("settings", 2, "没有 form_id。请写上，或用 --code 指明问卷代码。"))
        edition = self._settings.get("version") or "1"
        self._say_what_is_left()
        self._loose(title)
        for place in groups.tree(self._book.survey):
            if isinstance(place, Group) and not place.repeat:
                self._chapter(place, title)
            elif isinstance(place, Group):
                self._repeat(place, [], self._sections[-1] if self._loose_open else self._loose(title))
            else:
                self._one(place, [], self._sections[-1] if self._loose_open else self._loose(title))
        document: dict[str, Any] = {"code": own, "edition": edition[:40], "title": title[:120]}
        document["sections"] = [one for one in self._sections if one["questions"]]
        self._number(document["sections"])
        if not found.refused:
            self._check(document)
        if not found.refused:
            found.document = document
        return found

    @staticmethod
    def _number(sections: list[dict[str, Any]]) -> None:
        """A sheet without numbers gets them: people say "第 12 题" to each other."""
        asked = [one for section in sections for one in section["questions"] if one["kind"] not in ("note", "place")]
        if not any("no" in one for one in asked):
            for number, one in enumerate(asked, 1):
                one["no"] = str(number)

    # ---- what is said ----

    def _refuse(self, row: Row, text: str) -> None:
        self._found.refused.append(Remark(row.sheet, row.number, text))

    def _list(self, row: Row, text: str) -> None:
        self._found.listed.append(Remark(row.sheet, row.number, text))

    def _say_what_is_left(self) -> None:
        for name in self._book.others:
            self._found.listed.append(Remark(name, 0, "这张表没有导入"))
        known = {"form_id", "form_title", "version", "default_language", "name"}
        for row in self._book.settings[:1]:
            for column in row.cells.keys() - known:
                self._list(row, f"设置 {column} 没有导入")
        others = sorted(self._languages() - {self._language, ""})
        if others:
            said = f"只导入了{self._language or '没有标明语言的文字'}，没有导入：{'、'.join(others)}"
            self._found.listed.append(Remark("survey", 1, said))

    def _languages(self) -> set[str]:
        columns = {column for row in (*self._book.survey, *self._book.choices) for column in row.cells}
        heads = ((column.partition("::")) for column in columns)
        return {language for head, _, language in heads if head in SPOKEN}

    def _choose_language(self) -> str:
        there = self._languages()
        chinese = sorted(language for language in there if CHINESE.search(language))
        default = self._settings.get("default_language", "")
        if chinese:
            return chinese[0]
        return default if default in there else ("" if "" in there or not there else min(there))

    def _spoken(self, row: Row, head: str) -> str:
        wanted = row.get(f"{head}::{self._language}" if self._language else head)
        if wanted:
            return wanted
        for column, text in row.cells.items():
            if column.partition("::")[0] == head:
                self._list(row, f"{head} 没有{self._language or '默认语言'}的文字，用了 {column}")
                return text
        return ""

    # ---- names ----

    def _code(self, row: Row, name: str, taken: set[str], first: str = "q") -> str:
        code = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")
        if not code or not code[0].isalpha():
            code = f"{first}_{code or row.number}"
        code = code[:36]
        while code in taken:
            code += "_"
        taken.add(code)
        if code != name:
            self._list(row, f"代码 {name} 改写成 {code}")
        return code

    def find(self, name: str) -> Target:
        """What a name stands for. Raises Unsayable."""
        if name in self._targets:
            return self._targets[name]
        raise Unsayable(f"{name} 没有导入（{self._left[name]}）" if name in self._left else f"前面没有 {name} 这一题")

    # ---- chapters ----

    _loose_open = False
    _within = ""
    """The code of the repeat that is being read."""

    def _loose(self, title: str) -> dict[str, Any]:
        section: dict[str, Any] = {"code": f"s{len(self._sections) + 1}", "title": title, "questions": []}
        self._sections.append(section)
        self._loose_open = True
        return section

    def _chapter(self, group: Group, title: str) -> None:
        section = self._loose(self._spoken(group.row, "label") or title)
        self._loose_open = False
        self._inside(group, [], section, named=True)

    def _inside(self, group: Group, outer: list[Expr], section: dict[str, Any], *, named: bool = False) -> None:
        own = self._relevance(group.row)
        if own is None:
            return
        conditions = outer if isinstance(own, bool) else [*outer, own]
        shape = "" if self._within else groups.shape_of(group)
        if shape:
            self._whole(group, shape, conditions, section)
            return
        appearance = group.row.get("appearance")
        if appearance:
            self._list(group.row, f"分组的样式 {appearance} 没有导入")
        label = "" if named else self._spoken(group.row, "label")
        if label:
            note = Row(group.row.sheet, group.row.number, {"type": "note", "name": group.row.get("name")})
            self._put(note, {"kind": "note", "title": label}, conditions, section)
        for place in group.inside:
            if isinstance(place, Group) and place.repeat:
                self._repeat(place, conditions, section)
            elif isinstance(place, Group):
                self._inside(place, conditions, section)
            else:
                self._one(place, conditions, section)

    def _repeat(self, group: Group, outer: list[Expr], section: dict[str, Any]) -> None:
        """A begin_repeat as one question with rows; what is inside it is known by name only inside it."""
        row, name = group.row, group.row.get("name")
        if self._within:
            self._refuse(row, "重复填写的分组里不能再有重复填写的分组（repeat）")
            return
        own = self._relevance(row)
        if own is None:
            return
        self._columns(row)
        entry: dict[str, Any] = {"kind": "repeat", "title": self._spoken(row, "label") or name, "questions": []}
        try:
            entry |= rows.how_many(row, self.find, self._list)
        except Unsayable as reason:
            self._refuse(row, f"份数（repeat_count）不能导入：{reason}")
            return
        code = self._put(row, entry, outer if isinstance(own, bool) else [*outer, own], section)
        made = section["questions"][-1]
        before, self._within, codes, self._codes = dict(self._targets), code, self._codes, set()
        for place in group.inside:
            if isinstance(place, Group) and place.repeat:
                self._repeat(place, [], made)
            elif isinstance(place, Group):
                self._inside(place, [], made)
            else:
                self._one(place, [], made)
        self._left |= dict.fromkeys(self._targets.keys() - before.keys(), "它在重复填写的分组里，外面的条件用不到它")
        self._within, self._codes, self._targets = "", codes, {**before, name: Target("rows", code, {})}

    def _rows_checked(self, row: Row) -> bool:
        """Take in what our own export says of the number of rows; False when it is a question like others."""
        questions = {one["code"]: one for section in self._sections for one in section["questions"]}
        name, said = rows.checked(row)
        target = self._targets.get(name)
        if target is None or target.kind != "rows":
            return False
        questions[target.name] |= said
        return True

    def _relevance(self, row: Row) -> Expr | bool | None:
        """The condition of a row; None when it was refused."""
        if not row.get("relevant"):
            return True
        try:
            said = expressions.condition(expressions.parse(row.get("relevant")), self.find)
        except Unsayable as reason:
            self._refuse(row, f"显示条件不能导入：{reason}")
            return None
        if said is False:
            self._refuse(row, "显示条件永远不成立，谁也看不到它")
            return None
        return said

    # ---- questions ----

    def _whole(self, group: Group, shape: str, conditions: list[Expr], section: dict[str, Any]) -> None:
        """A group that is one question of ours: a matrix, a grid of numbers, an order, a consent."""
        try:
            made = groups.whole(group, shape, self._lists, self._spoken, self._coder)
        except (Refusal, Unsayable) as reason:
            self._refuse(getattr(reason, "row", None) or group.row, str(reason))
            return
        for row in group.rows():
            self._columns(row)
        made.entry["title"] = self._spoken(group.row, "label") or made.entry.get("title", "")
        plain = {**group.row.cells, "name": group.row.get("name").removesuffix("__group")}
        code = self._put(Row(group.row.sheet, group.row.number, plain), made.entry, conditions, section)
        for name, target in made.parts.items():
            self._targets[name] = Target(
                target.kind, f"{code}.{target.name}" if target.name else code, target.codes, numeric=target.numeric
            )

    def _coder(self, row: Row, name: str, taken: set[str]) -> str:
        return self._code(row, name, taken, "o")

    def _columns(self, row: Row) -> None:
        for column, text in row.cells.items():
            head = column.partition("::")[0]
            if head not in READ and head not in ("constraint_message", "required_message"):
                self._list(row, f"{column} 列没有导入（{text[:40]}）")
            elif head not in READ:
                self._list(row, "自己的提示文字没有导入，出错时用本系统的提示")

    def _one(self, row: Row, conditions: list[Expr], section: dict[str, Any]) -> None:
        name, word = row.get("name"), row.get("type").split()[0].lower()
        if row.get("type").lower() in SILENT or word in SILENT:
            self._left[name] = word
            kind = "手机自己记的项目" if word in METADATA else "算出来的项目"
            self._list(row, f"{word} {name} 没有导入（{kind}，不是给人答的题）")
            return
        if self._rows_checked(row):
            return
        own = self._relevance(row)
        if own is None:
            self._left[name] = "它自己被拒绝了"
            return
        if not isinstance(own, bool):
            conditions = [*conditions, own]
        self._columns(row)
        try:
            made = kinds.one(row, self._lists, self._spoken, self._coder)
            if row.get("choice_filter"):
                kinds.limited(row, made, self._lists, self.find)
        except (Refusal, Unsayable) as reason:
            self._left[name] = "它自己被拒绝了"
            self._refuse(getattr(reason, "row", None) or row, str(reason))
            return
        for text in made.listed:
            self._list(row, text)
        made.entry["title"] = self._spoken(row, "label") or name
        code = self._put(row, made.entry, conditions, section)
        if made.target is not None:
            target = made.target
            known = f"{self._within}.{code}" if self._within else code
            self._targets[name] = Target(target.kind, known, target.codes, target.decimals, target.numeric)
        else:
            self._left[name] = "它没有可以比较的答案"

    def _put(self, row: Row, entry: dict[str, Any], conditions: list[Expr], section: dict[str, Any]) -> str:
        code = self._code(row, row.get("name").removeprefix(f"{self._within}__"), self._codes)
        title, _, rest = entry.pop("title").partition("\n")
        numbered = _NUMBERED.fullmatch(title)
        question: dict[str, Any] = {"code": code, "kind": entry.pop("kind"), "title": title}
        if numbered:
            question |= {"no": numbered["no"], "title": numbered["title"]}
        if question["kind"] == "note" and rest:
            question["text"] = rest
        elif hint := "\n".join(part for part in (rest, self._spoken(row, "hint")) if part):
            question["hint"] = hint
        shown = expressions.joined("all", list(conditions))
        if not isinstance(shown, bool):
            question["show_if"] = shown
        required = row.get("required")
        if question["kind"] != "note" and required.lower() not in ("", "no", "false", "false()"):
            self._require(row, required, question)
        question |= entry
        section["questions"].append(question)
        self._rows[f"{self._within}.{code}" if self._within else code] = row
        self._found.questions += 1
        return code

    def _require(self, row: Row, required: str, question: dict[str, Any]) -> None:
        if required.lower() in ("yes", "true", "true()"):
            question["required"] = True
            return
        try:
            said = expressions.condition(expressions.parse(required), self.find)
        except Unsayable as reason:
            self._refuse(row, f"必填条件不能导入：{reason}")
            return
        if isinstance(said, bool):
            question["required"] = said
        else:
            question["require_if"] = said

    def _check(self, document: dict[str, Any]) -> None:
        """Our own reading has the last word; its faults are told at the row they come from."""
        try:
            form.read(document)
        except Invalid as refused:
            for where, texts in refused.fields.items():
                row = self._rows.get(where) or self._rows.get(where.partition(".")[0])
                for text in texts:
                    self._found.refused.append(Remark("survey", row.number if row else 0, f"{where}：{text}"))


def remarks(found: Imported) -> Iterator[tuple[str, Remark]]:
    """Everything to tell, refusals first: ("refused" or "listed", remark)."""
    yield from (("refused", remark) for remark in found.refused)
    yield from (("listed", remark) for remark in found.listed)


__all__ = ["Imported", "Remark", "read_form", "remarks"]
