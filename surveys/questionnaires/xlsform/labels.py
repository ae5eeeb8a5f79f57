"""Texts of an XLSForm in one language, and which languages there are: ``label::中文 (zh)``, ``label::English (en)``."""

import re
from collections.abc import Callable, Iterable

from surveys.questionnaires.rules.languages import CHINESE
from surveys.questionnaires.xlsform.workbook import Row, Workbook

SPOKEN = ("label", "hint", "constraint_message", "required_message")
_CHINESE = re.compile(r"中文|汉语|汉字|简体|chinese|\bzh\b", re.IGNORECASE)
_HEADING = re.compile(r"(?P<name>.*?)\s*\((?P<code>[A-Za-z]{2,8}(?:-[A-Za-z0-9]{2,8})*)\)\s*")
_KNOWN = {
    "english": "en",
    "french": "fr",
    "français": "fr",
    "francais": "fr",
    "spanish": "es",
    "español": "es",
    "espanol": "es",
    "portuguese": "pt",
    "arabic": "ar",
    "russian": "ru",
    "swahili": "sw",
    "hindi": "hi",
    "nepali": "ne",
    "vietnamese": "vi",
    "粤语": "yue",
    "壮语": "za",
    "维吾尔语": "ug",
    "藏语": "bo",
    "蒙古语": "mn",
}
_REF = re.compile(r"\$\{\s*([\w.-]+)\s*\}")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|\*\*|__|^#{1,6} ", re.MULTILINE)


def languages_of(book: Workbook) -> list[str]:
    """The headings of languages as they stand in the sheets ("" for columns without one), the one that becomes the
    questionnaire's own words first: Chinese, else the form's default language, else what names none."""
    columns = {column for row in (*book.survey, *book.choices) for column in row.cells}
    there = {language for head, _, language in (column.partition("::") for column in columns) if head in SPOKEN}
    default = book.settings[0].get("default_language") if book.settings else ""
    chinese = sorted(language for language in there if _CHINESE.search(language))
    first = [*chinese, *(one for one in (default, "") if one in there), *sorted(there)]
    return list(dict.fromkeys(first)) or [""]


def named(heading: str, taken: Iterable[str] = ()) -> tuple[str, str]:
    """A heading as (code, name): "English (en)" is ("en", "English"); one that says no code gets one."""
    found = _HEADING.fullmatch(heading)
    name, code = (found["name"], found["code"].lower()) if found else (heading, "")
    if not code and _CHINESE.search(heading):
        code, name = CHINESE[0], heading
    if not code:
        code = _KNOWN.get(heading.strip().lower(), "") or re.sub(r"[^a-z]", "", heading.lower())[:8]
        code = code if len(code) > 1 else "und"
    number, plain = 2, code
    while code in taken:
        code, number = f"{plain}-x{number}", number + 1
    return code, (name or code)[:40]


def heading(code: str, name: str) -> str:
    """The same the other way round."""
    return f"{name} ({code})"


class Labels:
    """Gives a row's text of a kind in one language; what it has no words for is taken from another, and told.

    Other answers cannot be shown inside our texts, nor can markup: a reference becomes the words of the question it
    names, markup goes, and both are told. ``quiet``: nothing is told (a translation is read beside its original).
    """

    def __init__(self, book: Workbook, order: list[str], tell: Callable[[Row, str], None] | None) -> None:
        self._order = order
        self._tell = tell or (lambda row, text: None)
        self._titles = {row.get("name"): row for row in book.survey if row.get("name")}

    def __call__(self, row: Row, head: str) -> str:
        """The text, "" when there is none in any language."""
        for place, language in enumerate(self._order):
            text = row.get(f"{head}::{language}" if language else head)
            if text:
                if place:
                    self._tell(
                        row, f"{head} 没有{self._order[0] or '默认语言'}的文字，用了 {language or '没有标明语言的'}"
                    )
                return self._plain(row, head, text)
        return ""

    def _plain(self, row: Row, head: str, text: str) -> str:
        if _REF.search(text):
            self._tell(row, f"{head} 里引用了别题的答案（${{…}}），换成了那一题的名称")
            text = _REF.sub(lambda found: f"“{self._title(found[1])}”", text)
        if _MARKUP.search(text):
            self._tell(row, f"{head} 里的排版记号没有导入，只留文字")
            text = _MARKUP.sub("", text).strip()
        return text

    def _title(self, name: str) -> str:
        row = self._titles.get(name)
        for language in self._order if row else ():
            text = row.get(f"label::{language}" if language else "label") if row else ""
            if text:
                return _REF.sub("……", text).partition("\n")[0]
        return name
