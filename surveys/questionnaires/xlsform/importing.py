"""An XLSForm as a document of our form model, with word of everything that could not come along, by sheet and row.

The rows are read once for every language the form has (``importer``), and what differs is its translations. A file of
our own export keeps beside its sheets what XLSForm has no words for (``kept``): it comes back whole, changed where
somebody changed the sheets.
"""

from typing import Any

from surveys.questionnaires.rules import languages
from surveys.questionnaires.xlsform import compiling, kept, workbook
from surveys.questionnaires.xlsform.importer import Imported, Importer
from surveys.questionnaires.xlsform.labels import Labels, languages_of, named
from surveys.questionnaires.xlsform.workbook import Remark, Row, Workbook

__all__ = ["Imported", "Remark", "read_form"]


def read_form(data: bytes, *, code: str | None = None) -> Imported:
    """Read an .xlsx form; ``code``: the questionnaire's code instead of the form's own. Raises Invalid for what is no
    spreadsheet at all."""
    book = workbook.read(data)
    complaint = None if book.refused else compiling.complaint(data, book)
    if book.refused or complaint:
        return Imported(refused=[*book.refused, *([complaint] if complaint else [])], listed=book.listed)
    found = visible(book, code)
    found.listed = [*book.listed, *found.listed]
    return kept.put_back(book, found, visible) if found.document is not None else found


def visible(book: Workbook, code: str | None = None) -> Imported:
    """What the sheets say that every XLSForm has."""
    order, told = languages_of(book), list[Remark]()

    def tell(row: Row, text: str) -> None:
        told.append(Remark(row.sheet, row.number, text))

    found = Importer(book, Labels(book, order, tell)).run(code)
    found.listed += [remark for remark in dict.fromkeys(told) if remark not in found.listed]
    if found.document is not None:
        _translate(found.document, book, order, code)
    return found


def _translate(document: dict[str, Any], book: Workbook, order: list[str], code: str | None) -> None:
    """Add what the form says in its other languages, and which its own is when it is not Chinese."""
    own = named(order[0]) if order[0] else languages.CHINESE
    if own != languages.CHINESE:
        document["language"] = {"code": own[0], "name": own[1]}
    base = {place.address: place.text for place in languages.places(document)}
    taken, made = [own[0]], list[dict[str, Any]]()
    for heading in order[1:]:
        language = named(heading or "Default", taken)
        read = Importer(book, Labels(book, [heading, *order], None)).run(code).document
        texts = {place.address: place.text for place in languages.places(read or {})}
        texts = {address: text for address, text in texts.items() if base.get(address, text) != text}
        if texts:
            taken.append(language[0])
            made.append({"code": language[0], "name": language[1], "texts": texts})
    if made:
        document["languages"] = made
