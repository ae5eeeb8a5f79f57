"""A form of ours as XLSForm sheets: what ODK Collect, KoBo and their kin can ask, and which field is which answer.

What one question of ours needs several fields for (a ranking, photos with captions, rows) is written as several;
``fields`` says how their values become our answers again. What XLSForm has no words for is listed, never dropped in
silence. Conditions over facts of the register are asked of a table of doors (``doors.csv``) when the form is for our
own OpenRosa endpoint; elsewhere the facts are unknown, which our conditions have a rule for: a comparison is false.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from surveys.questionnaires.rules import languages
from surveys.questionnaires.rules.form import Form, read
from surveys.questionnaires.rules.questions import Question
from surveys.questionnaires.rules.questions.choices import Cascade
from surveys.questionnaires.rules.questions.scales import scale_of
from surveys.questionnaires.xlsform import doors
from surveys.questionnaires.xlsform.labels import SPOKEN, heading
from surveys.questionnaires.xlsform.relevance import ranks_all
from surveys.questionnaires.xlsform.sheets import Cells, Exported, Field, Sheets

__all__ = ["PHONE", "Exported", "Field", "export", "unwritten"]

YES_NO = "yes_no"
MOST_ON_A_SLIDER = 20
PHONE = "regex(., '^(1[3-9][0-9]{9}|0[0-9]{9,11})$')"


def export(form: Form, *, form_id: str = "", title: str = "", at_doors: bool = False) -> Exported:
    """Write a form for visits (channel worker_visit). ``at_doors``: it begins with the door's code and asks the table
    of doors; ``form_id`` and ``title`` replace the form's own."""
    made = _Exporter(form, at_doors).run(form_id or form.code, title or form.title)
    own, *others = languages.names(form.document)
    if others or own != languages.CHINESE:
        in_columns(made, heading(*own), [(heading(*other), _translated(form, other[0], at_doors)) for other in others])
    return made


def version_of(edition: str, content_hash: str) -> str:
    """What a sheet (and a form filled in with it) says of its version."""
    return f"{edition}-{content_hash[:12]}"


def _translated(form: Form, language: str, at_doors: bool) -> Exported:
    """The same sheets written of the form in another language: row for row the same but for its words."""
    spoken = read(languages.spoken(form.document, language), stored=True)
    return _Exporter(spoken, at_doors).run(form.code, form.title)


def in_columns(made: Exported, own: str, others: list[tuple[str, Exported]]) -> None:
    """Put the texts of each row side by side, a column a language (``label::English (en)``)."""
    made.settings[0]["default_language"] = own
    for name in ("survey", "choices"):
        rows: list[Cells] = getattr(made, name)
        for place, row in enumerate(rows):
            columns = [(own, row), *((head, getattr(other, name)[place]) for head, other in others)]
            spoken = {f"{key}::{head}": each[key] for key in SPOKEN for head, each in columns if each.get(key)}
            rows[place] = {key: text for key, text in row.items() if key not in SPOKEN} | spoken


class _Exporter(Sheets):
    def run(self, form_id: str, title: str) -> Exported:
        out = self._out
        version = version_of(self._form.edition, self._form.content_hash)
        out.settings.append(
            {"form_id": form_id, "form_title": title, "version": version, "default_language": "default"}
        )
        if self._at_doors:
            out.survey += doors.rows(self._name("g", "door"))
        intro = self._form.document.get("intro", [])
        if intro:
            lines = [intro] if isinstance(intro, str) else intro
            out.survey.append({"type": "note", "name": self._name("intro", "note"), "label": "\n".join(lines)})
        for chapter in self._form.sections:
            group = self._name("g", chapter.code)
            out.survey.append({"type": "begin_group", "name": group, "label": chapter.title})
            for code in chapter.questions:
                self._question(self._form.by_code[code])
            out.survey.append({"type": "end_group", "name": group})
        for key, word in (("classes", "工程类别"), ("catalogue", "工程目录")):
            if self._form.document.get(key):
                out.listed.append(f"{word}（{key}）：只写成了各题的选项")
        for key in ("subjects", "speaks_as", "rates"):
            if self._form.document.get(key):
                out.listed.append(f"{key}：表里没有这样的写法")
        return out

    # ---- questions ----

    def _question(self, question: Question) -> None:
        shown = self._conditions.said(question.show_if, question.code) if question.show_if else True
        if shown is False:
            self._conditions.leave_out(question.code)
            self._out.listed.append(f"{question.code}：入户时用不到，没有写进表里")
            return
        needed: str | bool = question.required
        if not needed and question.require_if:
            needed = self._conditions.said(question.require_if, question.code)
        common: Cells = {}
        if shown is not True:
            common["relevant"] = str(shown)
        required = {"required": "yes" if needed is True else str(needed)} if needed is not False else {}
        raw = self._raw.get(question.code, {})
        if question.private:
            self._out.listed.append(f"{question.code}：“个人信息，加密保存”的要求，表里写不下")
        if question.spec.get("placeholder"):
            self._out.listed.append(f"{question.code}：placeholder 没有写进表里")
        numbered = question.no and question.parent is None and not self._repeat_name
        label = f"{question.no}. {question.title}" if numbered else question.title
        head: Cells = {"label": label}
        if raw.get("hint"):
            head["hint"] = str(raw["hint"])
        _KINDS[question.kind](self, question, head, common, required)

    def _single(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        options, filtered = self._options(question)
        self._add(question, "code", {"type": f"select_one {options}", **head, **common, **required, **filtered})

    def _multi(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        options, filtered = self._options(question)
        cells = {"type": f"select_multiple {options}", **head, **common, **required, **filtered}
        spec, alone = question.spec, [option.code for option in question.options if option.alone]
        rules, words = [], []
        if spec.get("min", 1) > 1 and filtered:
            self._out.listed.append(f"{question.code}：选项会减少，最少选几项没有写进表里，提交时检查")
        elif spec.get("min", 1) > 1:
            free = "".join(f" or selected(., '{code}')" for code in alone)
            rules.append(f"(count-selected(.) >= {spec['min']}{free})")
            words.append(f"至少选 {spec['min']} 项。")
        if spec.get("max", len(question.options)) < len(question.options):
            rules.append(f"count-selected(.) <= {spec['max']}")
            words.append(f"最多选 {spec['max']} 项。")
        for code in alone:
            rules.append(f"not(selected(., '{code}') and count-selected(.) > 1)")
        if alone:
            words.append("选了“都不需要”一类的选项，就不能再选别的。")
        if rules:
            cells |= {"constraint": " and ".join(rules), "constraint_message": "".join(words)}
        self._add(question, "codes", cells)

    def _ranking(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        (options, filtered), count = self._options(question), question.spec["count"]
        if ranks_all(question):
            self._add(question, "rank", {"type": f"rank {options}", **head, **common, **required, **filtered})
            return
        if filtered and required:
            self._out.listed.append(f"{question.code}：选项会减少，必填没有写进表里，提交时检查")
            required = {}
        self._group(question, head, common)
        before: list[str] = []
        for place in range(1, count + 1):
            cells = {"type": f"select_one {options}", "label": f"第 {place}", **required, **filtered}
            if place > 1 and not required and not filtered:
                cells["required"] = f"${{{before[0]}}} != ''"  # an order is whole, or not there
            if before:
                cells["constraint"] = " and ".join(f". != ${{{name}}}" for name in before)
                cells["constraint_message"] = "同一项不能排两次。"
            before.append(self._add(question, "place", cells, str(place)))
        self._end(question)

    def _cascade(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        kind = Cascade()
        under = {option.code: option.under for option in question.options}
        self._group(question, head, common)
        before = ""
        for level, word in enumerate(question.spec["levels"], 1):
            pairs = kind.at_level(question, level)
            if not pairs:
                break
            extra = {code: {"under": under[code]} for code, _ in pairs} if before else {}
            options = self._list(self._name(question.code, f"level_{level}"), pairs, extra)
            cells = {"type": f"select_one {options}", "label": word, **required}
            if before:
                parents = sorted({under[code] for code, _ in pairs})
                more = " or ".join(f"${{{before}}} = '{code}'" for code in parents)
                cells |= {"required": "yes", "choice_filter": f"under = ${{{before}}}", "relevant": more}
            before = self._add(question, "place", cells, str(level))
        self._end(question)

    def _repeat(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        spec, name = question.spec, self._name(question.code)
        low, high, source = spec.get("min", 0), spec["max"], spec.get("rows_from")
        label = head["label"] + (f"\n{head['hint']}" if "hint" in head else "")
        cells = {"type": "begin_repeat", "name": name, "label": label, **common}
        if source:
            row = source.partition(".")[2]
            cells["repeat_count"] = f"${{{self._name(source.partition('.')[0], row) if row else self._name(source)}}}"
        elif required.get("required") == "yes" and low == high:
            cells["repeat_count"] = str(low)
        begun, fields = len(self._out.survey), len(self._out.fields)
        self._out.survey.append(cells)
        self._repeat_name = name
        for one in question.inner:
            self._question(one)
        self._repeat_name = ""
        if len(self._out.fields) == fields:
            del self._out.survey[begun:]
            self._conditions.leave_out(question.code)
            self._out.listed.append(f"{question.code}：入户时里面一题也用不到，没有写进表里")
            return
        self._out.survey.append({"type": "end_repeat", "name": name})
        if spec.get("row_label"):
            self._out.listed.append(f"{question.code}：row_label 没有写进表里")
        if cells.get("repeat_count", "").isdigit():
            return
        count, word = f"count(${{{name}}})", spec.get("row_label", "份")
        where = f"({common['relevant']}) and " if common else ""
        self._rows_check(question, "most", f"{where}{count} > {high}", f"最多填 {high} {word}，请退回去删掉多的。")
        if required.get("required") == "yes" and not source:
            least = max(low, 1)
            self._rows_check(question, "least", f"{where}{count} < {least}", f"至少填 {least} {word}，请退回去补上。")
        elif low > 1:
            self._rows_check(
                question, "least", f"{where}{count} > 0 and {count} < {low}", f"至少填 {low} {word}，请退回去补上。"
            )
        if required and required["required"] != "yes":
            self._out.listed.append(f"{question.code}：什么时候必填没有写进表里，提交时检查")

    def _rows_check(self, question: Question, part: str, relevant: str, text: str) -> None:
        """A field that shows only when the number of rows is wrong, and cannot be filled in or passed by."""
        cells = {"type": "text", "name": self._name(question.code, part), "label": text, "relevant": relevant}
        cells |= {"required": "yes", "constraint": "false()", "constraint_message": text}
        self._out.survey.append(cells)

    def _number(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        spec, decimals = question.spec, question.spec.get("decimals", 0)
        unit = spec.get("unit", "")
        head = {**head, "label": head["label"] + (f"（{unit}）" if unit else "")}
        beside = [(spec[key], sign) for key, sign in (("at_most", "<="), ("at_least", ">=")) if key in spec]
        others = "".join(f" and {self._conditions.beside(name, sign)}" for name, sign in beside)
        if "step" in spec:
            if others:
                self._out.listed.append(f"{question.code}：不能多于、少于哪一题，没有写进表里，提交时检查")
            scale = scale_of(spec)
            many = {"appearance": "picker"} if (scale.high - scale.low) // scale.step > MOST_ON_A_SLIDER else {}
            cells = {"type": "range", **head, **common, **required, **many}
            steps = f"start={spec['low']} end={spec['high']} step={spec['step']}"
            self._add(question, "number", cells, parameters=steps)
            return
        rule = f". >= {spec['low']} and . <= {spec['high']}{others}"
        if decimals:
            rule += f" and round(. * {10**decimals}) div {10**decimals} = ."
        message = f"请填 {spec['low']} 到 {spec['high']} 之间的数{f'，最多 {decimals} 位小数' if decimals else ''}。"
        cells = {"type": "decimal" if decimals else "integer", **head, **common, **required, "constraint": rule}
        self._add(question, "number", cells, constraint_message=message)

    def _grid(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        self._group(question, head, common)
        rows = {row["code"]: row for row in question.spec["rows"]}
        for code, row in rows.items():
            rule, message = f". >= {row['low']} and . <= {row['high']}", f"请填 {row['low']} 到 {row['high']}。"
            if "at_most" in row:
                other = self._name(question.code, row["at_most"])
                rule += f" and (${{{other}}} = '' or . <= ${{{other}}})"
                message += f"不能比“{rows[row['at_most']]['label']}”多。"
            label = row["label"] + (f"（{row['unit']}）" if row.get("unit") else "")
            cells = {"type": "integer", "label": label, **required, "constraint": rule}
            self._add(question, "number", cells, code, constraint_message=message)
        self._end(question)

    def _rating(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        spec = question.spec
        ends = [f"{spec[key]} 是{spec[f'{key}_label']}" for key in ("low", "high") if spec.get(f"{key}_label")]
        hint = " ".join([*([head["hint"]] if "hint" in head else []), *(["，".join(ends) + "。"] if ends else [])])
        cells = {"type": "range", **head, **common, **required, **({"hint": hint} if hint else {})}
        self._add(question, "score", cells, parameters=f"start={spec['low']} end={spec['high']} step=1")

    def _matrix(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        spec = question.spec
        scores = [(str(score), label) for score, label in enumerate(spec["labels"], 1)]
        if spec.get("none"):
            scores.append(("0", spec["none"]))
        options = self._list(self._name(question.code), scores)
        self._group(question, head, common, "table-list")
        for row in spec["rows"]:
            self._add(
                question, "score", {"type": f"select_one {options}", "label": row["label"], **required}, row["code"]
            )
        self._end(question)

    def _text(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        least, most, pattern = (question.spec.get(key, "") for key in ("min", "max", "pattern"))
        rules, message = [f"string-length(.) <= {most}"], f"最多 {most} 个字。"
        if least:
            rules, message = [f"string-length(.) >= {least}", *rules], f"至少 {least} 个字，最多 {most} 个字。"
        if pattern and "'" in pattern and '"' in pattern:
            self._out.listed.append(f"{question.code}：答案的写法里两种引号都有，表里写不下，提交时检查")
        elif pattern:
            quote = '"' if "'" in pattern else "'"
            rules.append(f"regex(., {quote}^({pattern})${quote})")
            message += "要照题目说明的写法填。"
        cells = {"type": "text", **head, **common, **required, "constraint": " and ".join(rules)}
        if question.spec.get("lines", 1) > 1:
            cells["appearance"] = "multiline"
        self._add(question, "text", cells, constraint_message=message)

    def _time(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        self._add(question, "time", {"type": "time", **head, **common, **required})

    def _moment(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        self._add(question, "moment", {"type": "dateTime", **head, **common, **required})

    def _day(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        cells = {"type": "date", **head, **common, **required}
        if question.spec.get("not_future"):
            cells |= {"constraint": ". <= today()", "constraint_message": "日期不能晚于今天。"}
        self._add(question, "text", cells)

    def _phone(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        cells = {"type": "text", **head, **common, **required, "appearance": "numbers", "constraint": PHONE}
        self._add(question, "text", cells, constraint_message="手机号是 11 位，座机请带区号，只写数字。")

    def _photo(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        self._group(question, head, common, "")
        caption, before = question.spec.get("caption", 0), ""
        for place in range(1, question.spec["max"] + 1):
            after = {"relevant": f"${{{before}}} != ''"} if before else {}
            cells = {"type": "image", "label": f"照片 {place}", **after, **(required if place == 1 else {})}
            before = self._add(question, "file", cells, str(place), parameters="max-pixels=1600")
            if caption:
                words = {"type": "text", "label": f"照片 {place} 的说明", "relevant": f"${{{before}}} != ''"}
                words["constraint"] = f"string-length(.) <= {caption}"
                if question.spec.get("caption_hint"):
                    words["hint"] = question.spec["caption_hint"]
                message = f"最多 {caption} 个字。"
                self._add(question, "caption", words, f"{place}_caption", constraint_message=message)
        self._end(question)

    def _signature(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        cells = {"type": "image", **head, **common, **required, "appearance": "signature"}
        self._add(question, "file", cells, parameters="max-pixels=1600")

    def _consent(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        options = self._list(YES_NO, [("yes", "同意"), ("no", "不同意")])
        self._group(question, head, common)
        first = self._name(question.code, question.spec["items"][0]["code"])
        for item in question.spec["items"]:
            cells = {"type": f"select_one {options}", "label": item["label"], **required}
            if not required and self._name(question.code, item["code"]) != first:
                cells["required"] = f"${{{first}}} != ''"  # every item, or none
            if item.get("must"):
                cells |= {"constraint": ". = 'yes'", "constraint_message": "不同意这一项，就不能提交这份问卷。"}
            self._add(question, "yes_no", cells, item["code"])
        self._end(question)

    def _place(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        if self._at_doors:
            head = {**head, "label": head["label"] + "：${door_label}"}
        self._add(question, "", {"type": "note", **head, **common})

    def _note(self, question: Question, head: Cells, common: Cells, required: Cells) -> None:
        text = question.spec.get("text")
        label = head["label"] + (f"\n{text}" if text else "")
        self._add(question, "", {"type": "note", **head, **common, "label": label})


_Writer = Callable[[_Exporter, Question, Cells, Cells, Cells], None]
_KINDS: dict[str, _Writer] = {
    "single": _Exporter._single,
    "multi": _Exporter._multi,
    "ranking": _Exporter._ranking,
    "number": _Exporter._number,
    "number_grid": _Exporter._grid,
    "rating": _Exporter._rating,
    "matrix": _Exporter._matrix,
    "text": _Exporter._text,
    "date": _Exporter._day,
    "time": _Exporter._time,
    "datetime": _Exporter._moment,
    "phone": _Exporter._phone,
    "photo": _Exporter._photo,
    "signature": _Exporter._signature,
    "consent": _Exporter._consent,
    "place": _Exporter._place,
    "note": _Exporter._note,
    "cascade": _Exporter._cascade,
    "repeat": _Exporter._repeat,
}


def unwritten(kinds: Mapping[str, Any]) -> Iterator[str]:
    """Kinds of the registry that this module cannot write (a test keeps it empty)."""
    yield from sorted(kinds.keys() - _KINDS.keys())
