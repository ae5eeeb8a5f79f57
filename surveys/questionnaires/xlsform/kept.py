"""What XLSForm has no words for comes back from our own files: the whole questionnaire lies beside the sheets.

Reading such a file there are three documents: what was written (``original``), what its sheets say when nobody has
touched them (``before``, written and read again), and what they say (``now``). Where the last two are the same, the
original stands; where somebody changed a sheet, the change stands, and what cannot be kept beside it is told.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from kernel.errors import Invalid
from surveys.questionnaires.rules import form, languages, subjects
from surveys.questionnaires.xlsform import exporting, workbook
from surveys.questionnaires.xlsform.importer import Imported
from surveys.questionnaires.xlsform.workbook import KEPT, LONGEST_CELL, Remark, Workbook

Entry = dict[str, Any]
Tell = Callable[[str, str], None]
"""Told (whole code of a question, "" for the sheet; what could not be kept)."""
CHANGED = "表里改过，按表里的导入；原来另存的没有带过来"


def sheets_of(read: form.Form, made: exporting.Exported) -> dict[str, list[dict[str, str]]]:
    """The sheets of an export with the one that keeps the questionnaire."""
    text = json.dumps(read.document, ensure_ascii=False, sort_keys=True)
    parts = [text[start : start + LONGEST_CELL] for start in range(0, len(text), LONGEST_CELL)]
    return {**made.sheets, KEPT: [{"document": part} for part in parts]}


def put_back(book: Workbook, found: Imported, visible: Callable[[Workbook], Imported]) -> Imported:
    """What a file of ours says with what it keeps; any other file as it is."""
    try:
        original = form.read(json.loads(book.kept), stored=True) if book.kept else None
    except (Invalid, ValueError):
        found.listed.append(Remark(KEPT, 2, "另存的问卷内容不完整，只按表里的导入"))
        return found
    if original is None or found.document is None:
        return found
    made = exporting.export(original)
    before = visible(workbook.read(workbook.written(made.sheets)))
    if before.document is None:
        found.listed.append(Remark(KEPT, 2, "另存的问卷内容写不成表，只按表里的导入"))
        return found
    known = {str(remark.text) for remark in before.listed}
    found.listed = [remark for remark in found.listed if remark.text not in known]

    def tell(code: str, text: str) -> None:
        row = found.rows.get(code)
        found.listed.append(Remark("survey", row.number if row else 0, f"{code}：{text}" if code else text))

    if found.document == before.document:
        found.document = dict(original.document)
        return found
    owners = {name: code for (code, _), name in made.names.items()}
    merged = _Merge(dict(original.document), before, found, owners, tell).run()
    try:
        form.read(merged)
    except Invalid as refused:
        for where, texts in refused.fields.items():
            row = found.rows.get(where) or found.rows.get(where.partition(".")[0])
            found.refused += [Remark("survey", row.number if row else 0, f"{where}：{text}") for text in texts]
        found.document = None
        return found
    found.document = merged
    return found


class _Merge:
    def __init__(self, original: Entry, before: Imported, now: Imported, owners: Mapping[str, str], tell: Tell) -> None:
        self._original, self._before, self._now = original, before.document or {}, now.document or {}
        self._tell = tell
        self._owner = {
            code: owners.get(row.get("name"), "").partition(".")[0]
            for rows in (before.rows, now.rows)
            for code, row in rows.items()
        }

    def run(self) -> Entry:
        """The document the file stands for."""
        made = _keys(self._original, self._before, self._now, "", self._tell, without=("sections", "languages"))
        self._intro(made)
        made["sections"] = self._sections()
        self._languages(made)
        self._prune(made)
        return made

    def _intro(self, made: Entry) -> None:
        was, now = (next((one for one in _questions(of) if one["code"] == "intro__note"), None) for of in self._both())
        if now != was:
            lines = [now["title"], *str(now.get("text", "")).split("\n")] if now else []
            made["intro"] = [line for line in lines if line]

    def _both(self) -> tuple[Entry, Entry]:
        return self._before, self._now

    def _sections(self) -> list[Entry]:
        own = {one["code"]: one for one in _questions(self._original)}
        home = {one["code"]: place for place, one in enumerate(self._original["sections"]) for one in one["questions"]}
        before = {one["code"]: one for one in _questions(self._before)}
        seen = {self._owner.get(code) for code in before}
        alive = {self._owner.get(one["code"]) for one in _questions(self._now)}
        titles = {
            home[self._owner[one["code"]]]: chapter["title"]
            for chapter in self._before["sections"]
            for one in chapter["questions"]
            if self._owner.get(one["code"]) in home
        }
        made: list[Entry] = []
        taken: set[str] = {"intro"}
        for chapter in self._now["sections"]:
            questions: list[Entry] = []
            places = []
            for one in chapter["questions"]:
                owner = self._owner.get(one["code"], "")
                if one["code"] == "intro__note":
                    continue
                if owner in home:
                    places.append(home[owner])
                if owner in own and owner not in taken and (one["code"] == owner or owner not in before):
                    taken.add(owner)
                    was = before.get(owner)
                    questions.append(_merged(own[owner], was, one, owner, self._tell) if was else own[owner])
                    if owner in before or before.get(one["code"]) == one:
                        continue
                if owner in own and before.get(one["code"]) == one:
                    continue  # part of what the original says of its owner
                if one["code"] not in {each["code"] for each in questions}:
                    if owner in own:
                        self._tell(one["code"], CHANGED)
                    questions.append(one)
            if questions:
                made.append(self._chapter(chapter, places, titles, questions))
        self._unseen(made, {code for code in own if code not in seen and code not in alive})
        _apart(made)
        return made

    def _chapter(self, chapter: Entry, places: list[int], titles: Mapping[int, str], questions: list[Entry]) -> Entry:
        if not places:
            return {**chapter, "questions": questions}
        original = self._original["sections"][places[0]]
        same = titles.get(places[0]) == chapter["title"]
        return {**original, "title": original.get("title") if same else chapter["title"], "questions": questions}

    def _unseen(self, made: list[Entry], codes: set[str]) -> None:
        """Questions the sheets never held (a worker is not asked them) stay behind the one they stood behind."""
        before = ""
        for one in _questions(self._original):
            if one["code"] in codes:
                chapter = next(
                    (each for each in made if before in {other["code"] for other in each["questions"]}),
                    made[0] if made else None,
                )
                if chapter is not None:
                    at = next((n + 1 for n, other in enumerate(chapter["questions"]) if other["code"] == before), 0)
                    chapter["questions"].insert(at, one)
            before = one["code"]

    def _languages(self, made: Entry) -> None:
        was = {each["code"]: each for each in self._before.get("languages", [])}
        kept = {each["code"]: {**each, "texts": dict(each["texts"])} for each in self._original.get("languages", [])}
        now = {each["code"]: each for each in self._now.get("languages", [])}
        there = {place.address for place in languages.places(made)}
        for code, each in now.items():
            own = kept.setdefault(code, {**each, "texts": {}})
            old = was.get(code, {"texts": {}})["texts"]
            for address, text in each["texts"].items():
                if old.get(address) != text:
                    own["texts"][address] = text
            for address in old.keys() - each["texts"].keys():
                own["texts"].pop(address, None)
        gone = was.keys() - now.keys()
        for code, each in list(kept.items()):
            if code in gone:
                del kept[code]
                continue
            for address in each["texts"].keys() - there:
                self._tell(address.partition("/")[0], f"{each['name']}的译文（{address}）没有对应的文字，没有带过来")
                del each["texts"][address]
        made.pop("languages", None)
        if left := [each for each in kept.values() if each["texts"]]:
            made["languages"] = left

    def _prune(self, made: Entry) -> None:
        """What is said of questions that somebody took out of the sheets goes with them, and is told."""
        options = {one["code"]: {each["code"] for each in one.get("options", [])} for one in _questions(made)}
        known = options.keys() | {f"{code}.{part}" for code, parts in options.items() for part in parts}
        owned = made.get("subjects", {})
        for subject in subjects.SUBJECTS:
            for code in [one for one in owned.get(subject, []) if one not in known]:
                owned[subject] = [one for one in owned[subject] if one != code]
                self._tell("", f"subjects：{code} 不在表里了，不再算作业主的题")
        for key in ("speaks_as", "rates"):
            said = made.get(key)
            parts: list[Entry] = [said] if key == "speaks_as" and said else list((said or {}).values())
            if said and any(part.get("question") not in options for part in parts):
                del made[key]
                self._tell("", f"{key} 提到的题不在表里了，没有带过来")


def _questions(document: Entry) -> list[Entry]:
    return [one for chapter in document["sections"] for one in chapter["questions"]]


def _keys(original: Entry, before: Entry, now: Entry, code: str, tell: Tell, without: tuple[str, ...] = ()) -> Entry:
    """One object of the three, key by key."""
    made = dict(original)
    for key in dict.fromkeys((*now, *before)):
        if key in without or now.get(key) == before.get(key):
            continue
        own, was, said = (each.get(key) for each in (original, before, now))
        if _coded(own) and _coded(was) and _coded(said):
            made[key] = _lists(own or [], was or [], said or [], code if key != "questions" else f"{code}.", tell)
            continue
        if original.get(key) != before.get(key) and key in original:
            tell(code.rstrip("."), f"{key} {CHANGED}")
        if key in now:
            made[key] = now[key]
        else:
            made.pop(key, None)
    return made


def _coded(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and "code" in one for one in value)


def _lists(original: list[Entry], before: list[Entry], now: list[Entry], code: str, tell: Tell) -> list[Entry]:
    """Options, rows or the questions of a repeat, one by one."""
    own, was = ({one["code"]: one for one in each} for each in (original, before))
    made = []
    for one in now:
        name = one["code"]
        if name in own and name in was:
            made.append(_merged(own[name], was[name], one, f"{code}{name}" if code.endswith(".") else code, tell))
        elif name not in was:
            made.append(one)
        elif one != was[name]:
            tell(f"{code}{name}" if code.endswith(".") else code, CHANGED)
            made.append(one)
    for place, one in enumerate(original):
        if one["code"] not in was:
            made.insert(min(place, len(made)), one)
    return made


def _merged(original: Entry, before: Entry, now: Entry, code: str, tell: Tell) -> Entry:
    return original if before == now else _keys(original, before, now, code, tell)


def _apart(made: list[Entry]) -> None:
    """Sections have codes of their own."""
    taken: set[str] = set()
    for chapter in made:
        while chapter["code"] in taken:
            chapter["code"] += "_"
        taken.add(chapter["code"])
