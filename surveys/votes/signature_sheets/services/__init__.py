"""The use cases of signature sheets: begin a recall on paper, key a sheet, check it, take a signature back, read."""

from surveys.votes.signature_sheets.services.checking import check
from surveys.votes.signature_sheets.services.entering import NewLine, begin_recall, enter, take_back
from surveys.votes.signature_sheets.services.reading import CauseView, SheetView, list_causes, one_cause, one_sheet

__all__ = [
    "CauseView",
    "NewLine",
    "SheetView",
    "begin_recall",
    "check",
    "enter",
    "list_causes",
    "one_cause",
    "one_sheet",
    "take_back",
]
