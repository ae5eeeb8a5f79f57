"""What an import does not read: rows phones fill in by themselves, columns, settings and sheets we have no use for."""

import re
from collections.abc import Iterator

from surveys.questionnaires.xlsform.labels import SPOKEN
from surveys.questionnaires.xlsform.workbook import Remark, Workbook

METADATA = frozenset(
    {"start", "end", "today", "deviceid", "username", "phonenumber", "simserial", "subscriberid", "email", "audit"}
    | {"start-geopoint", "background-audio", "background-geopoint"}
)
SILENT = METADATA | {"calculate", "hidden", "calculate here", "xml-external", "csv-external"}
READ = frozenset(
    {"type", "name", "label", "hint", "required", "relevant", "constraint", "choice_filter", "parameters", "appearance"}
    | {"repeat_count", "constraint_message", "required_message", "read_only", "disabled"}
)
_SETTINGS = frozenset({"form_id", "form_title", "version", "default_language", "name"})
_CHOICES = frozenset({"list_name", "name", "label"})


def unused(book: Workbook) -> Iterator[Remark]:
    """Sheets, settings, columns of choices and lists of choices that nothing reads."""
    for name in book.others:
        yield Remark(name, 0, "这张表没有导入")
    for row in book.settings[:1]:
        for column in row.cells.keys() - _SETTINGS:
            yield Remark("settings", row.number, f"设置 {column} 没有导入（{row.get(column)[:40]}）")
    for row in book.settings[1:]:
        yield Remark("settings", row.number, "settings 表只看第一行，这一行没有导入")
    filters = " ".join(row.get("choice_filter") for row in book.survey)
    words = set(re.findall(r"[\w-]+", re.sub(r"\$\{[^}]*\}", "", filters)))
    columns = {column: row for row in reversed(book.choices) for column in row.cells}
    for column, row in sorted(columns.items(), key=lambda pair: pair[0]):
        head = column.partition("::")[0]
        if head not in _CHOICES and head not in SPOKEN and head not in words:
            yield Remark("choices", row.number, f"选项的 {column} 列没有导入（{row.get(column)[:40]}）")
    used = {word for row in book.survey for word in row.get("type").split()}
    names = {row.get("list_name"): row for row in reversed(book.choices)}
    for name, row in sorted(names.items(), key=lambda pair: pair[1].number):
        if not name:
            yield Remark("choices", row.number, "没有写 list_name（属于哪一组选项），没有导入")
        elif name not in used:
            yield Remark("choices", row.number, f"选项组 {name} 没有题目用，没有导入")
