"""The rows of an XLSForm as a document of our form model, in one of its languages.

What would ask something else than its author wrote is ``refused``; what is loaded without (a default, a picture beside
a question) is ``listed``; both with sheet and row, nothing in silence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.errors import Invalid
from surveys.questionnaires.rules import form
from surveys.questionnaires.xlsform import expressions, groups, kinds, rows
from surveys.questionnaires.xlsform.calculates import Calculates
from surveys.questionnaires.xlsform.expressions import Expr, Target
from surveys.questionnaires.xlsform.groups import Group
from surveys.questionnaires.xlsform.kinds import Refusal
from surveys.questionnaires.xlsform.labels import Labels
from surveys.questionnaires.xlsform.left import METADATA, READ, SILENT, unused
from surveys.questionnaires.xlsform.syntax import Unsayable, parse
from surveys.questionnaires.xlsform.workbook import Remark, Row, Workbook

_YES = ("yes", "true", "true()", "1")
_NUMBERED = re.compile(r"(?P<no>\d{1,3})[.．、]\s*(?P<title>\S.*)", re.DOTALL)


@dataclass
class Imported:
    """``document`` is None when something is refused. ``rows``: where each question comes from, by its whole code."""

    document: dict[str, Any] | None = None
    refused: list[Remark] = field(default_factory=list)
    listed: list[Remark] = field(default_factory=list)
    questions: int = 0
    rows: dict[str, Row] = field(default_factory=dict)


class Importer:
    """Reads a workbook once. ``labels``: the language it is read in."""

    def __init__(self, book: Workbook, labels: Labels) -> None:
        self._book = book
        self._found = Imported()
        self._settings = book.settings[0].cells if book.settings else {}
        self._spoken = labels
        self._targets: dict[str, Target] = {}
        self._left: dict[str, str] = {}
        self._calculates = Calculates(book.survey)
        self._owners: dict[str, str] = {}
        """Repeats by the names of what is inside them."""
        self._codes: set[str] = set()
        self._rows = self._found.rows
        self._sections: list[dict[str, Any]] = []
        self._lists: dict[str, list[Row]] = {}
        for row in book.choices:
            self._lists.setdefault(row.get("list_name"), []).append(row)

    def run(self, code: str | None) -> Imported:
        """The document, or what stands in its way. ``code``: instead of the form's own."""
        found = self._found
        title = self._settings.get("form_title") or "问卷"
        own = code or re.sub(r"[^A-Za-z0-9_-]+", "-", self._settings.get("form_id", "")).strip("-").lower()[:40]
        if not own:
            found.refused.append(Remark("settings", 2, "没有 form_id。请写上，或用 --code 指明问卷代码。"))
        edition = self._settings.get("version") or "1"
        found.listed += unused(self._book)
        self._loose(title)
        for place in groups.tree(self._book.survey):
            if isinstance(place, Group) and not place.repeat:
                self._chapter(place, title)
            elif isinstance(place, Group):
                self._repeat(place, [], self._sections[-1] if self._loose_open else self._loose(title))
            else:
                self._one(place, [], self._sections[-1] if self._loose_open else self._loose(title))
        for row, text in self._calculates.told():
            self._list(row, text)
        document: dict[str, Any] = {"code": own, "edition": edition[:40], "title": title[:120]}
        document["sections"] = [one for one in self._sections if one["questions"]]
        self._number(document["sections"])
        if not found.refused and not document["sections"]:
            found.refused.append(Remark("survey", 0, "没有能导入的题目"))
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
        shape = groups.shape_of(group)
        if shape and (not self._within or shape == "number_grid"):
            self._whole(group, shape, conditions, section)
            return
        self._look(group.row)
        label = self._spoken(group.row, "hint" if named else "label")
        if label:
            cells = {} if named else {column: text for column, text in group.row.cells.items() if "hint" in column}
            note = Row(group.row.sheet, group.row.number, {**cells, "type": "note", "name": group.row.get("name")})
            self._put(note, {"kind": "note", "title": label}, conditions, section)
        for place in group.inside:
            if isinstance(place, Group) and place.repeat:
                self._repeat(place, conditions, section)
            elif isinstance(place, Group):
                self._inside(place, conditions, section)
            else:
                self._one(place, conditions, section)

    def _look(self, row: Row) -> None:
        """What else is said of a group that stays a group."""
        if row.get("appearance"):
            self._list(row, f"分组的样式 {row.get('appearance')} 没有导入")
        self._columns(row)

    def _repeat(self, group: Group, outer: list[Expr], section: dict[str, Any]) -> None:
        """A begin_repeat as one question with rows; what is inside it is known by name only inside it."""
        row, name = group.row, group.row.get("name")
        if self._within:
            self._refuse(row, "重复填写的分组里不能再有重复填写的分组（repeat）")
            return
        if "loop" in row.get("type").lower():
            self._refuse(row, "每个选项问一遍的分组（begin loop）不能导入，请写成表格题（table-list）或重复填写的分组")
            return
        own = self._relevance(row)
        if own is None:
            return
        self._look(row)
        entry: dict[str, Any] = {"kind": "repeat", "title": self._spoken(row, "label") or name, "questions": []}
        try:
            entry |= rows.how_many(row, self.find, self._list)
        except Unsayable as reason:
            self._refuse(row, f"份数（repeat_count）不能导入：{reason}")
            return
        code = self._put(row, entry, outer if isinstance(own, bool) else [*outer, own], section)
        made = section["questions"][-1]
        before, self._within, codes, self._codes = dict(self._targets), code, self._codes, set()
        self._owners |= {place.get("name"): name for place in groups.flat(group)}
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

    def _condition(self, text: str, columns: Mapping[str, str] | None = None) -> Expr | bool:
        """An expression as a condition of ours. Raises Unsayable."""
        node = parse(text, columns)
        named = self._calculates.named_in(node)
        try:
            node = self._calculates.written_out(node)
            said = expressions.condition(rows.whole(node, self._owners), self.find)
            expressions.must_fit(said)
        except Unsayable as reason:
            raise Unsayable(f"{'、'.join(sorted(named))}（calculate）：{reason}" if named else str(reason)) from None
        self._calculates.use(named)
        return said

    def _relevance(self, row: Row) -> Expr | bool | None:
        """The condition of a row; None when it was refused."""
        if not row.get("relevant"):
            return True
        try:
            said = self._condition(row.get("relevant"))
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
        self._columns(group.row)
        for row in group.rows():
            self._columns(row)
            if any(column.partition("::")[0] in ("constraint_message", "required_message") for column in row.cells):
                self._list(row, "自己的提示文字没有导入，出错时用本系统的提示")
        made.entry["title"] = self._spoken(group.row, "label") or made.entry.get("title", "")
        plain = {**group.row.cells, "name": group.row.get("name").removesuffix("__group")}
        code = self._put(Row(group.row.sheet, group.row.number, plain), made.entry, conditions, section)
        if self._within:
            self._left |= dict.fromkeys(made.parts, "它是重复填写的分组里的一行，条件用不到它")
        for name, target in ({} if self._within else made.parts).items():
            self._targets[name] = Target(
                target.kind, f"{code}.{target.name}" if target.name else code, target.codes, numeric=target.numeric
            )

    def _coder(self, row: Row, name: str, taken: set[str]) -> str:
        return self._code(row, name, taken, "o")

    def _columns(self, row: Row) -> None:
        for column, text in row.cells.items():
            head = column.partition("::")[0]
            if head not in READ:
                self._list(row, f"{column} 列没有导入（{text[:40]}）")

    def _one(self, row: Row, conditions: list[Expr], section: dict[str, Any]) -> None:
        name, word = row.get("name"), row.get("type").split()[0].lower()
        if row.get("disabled").lower() in _YES:
            self._left[name] = "它是停用的"
            self._list(row, f"{name} 是停用的（disabled），没有导入")
            return
        if name in self._calculates:
            self._left[name] = word
            return
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
            made = self._made(row)
            if row.get("choice_filter"):
                kinds.limited(row, made, self._lists, self._condition)
        except (Refusal, Unsayable) as reason:
            self._left[name] = "它自己被拒绝了"
            self._refuse(getattr(reason, "row", None) or row, str(reason))
            return
        if not self._beside_others(row, made.entry):
            self._left[name] = "它自己被拒绝了"
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

    def _beside_others(self, row: Row, entry: dict[str, Any]) -> bool:
        """Put our names for the questions a number is compared with; False when it was refused."""
        for key in ("at_most", "at_least") if entry["kind"] == "number" else ():
            if key not in entry:
                continue
            try:
                target = self.find(entry[key])
                if not (target.kind == "number" or target.numeric):
                    raise Unsayable(f"{entry[key]} 不是数字")
            except Unsayable as reason:
                self._refuse(row, f"限制不能导入：{reason}")
                return False
            entry[key] = target.name
        return True

    def _made(self, row: Row) -> kinds.Made:
        """The question a row is; what nobody may fill in is words to read. Raises Refusal, Unsayable."""
        if row.get("read_only").lower() in _YES and row.get("type").lower() != "note":
            return kinds.Made({"kind": "note"}, listed=["只读（read_only）的题导入成说明文字"])
        made = kinds.one(row, self._lists, self._spoken, self._coder)
        if made.entry["kind"] != "note":
            for key, column in (("wrong", "constraint_message"), ("missing", "required_message")):
                if text := self._spoken(row, column):
                    made.entry[key] = text
        return made

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
        if question["kind"] != "note" and required.lower() not in ("", "no", "false", "false()", "0"):
            self._require(row, required, question)
        question |= entry
        section["questions"].append(question)
        self._rows[f"{self._within}.{code}" if self._within else code] = row
        self._found.questions += 1
        return code

    def _require(self, row: Row, required: str, question: dict[str, Any]) -> None:
        if required.lower() in _YES:
            question["required"] = True
            return
        try:
            said = self._condition(required)
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
