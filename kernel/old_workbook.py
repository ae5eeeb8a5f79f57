"""A program of its own: read an old Excel file (.xls) from standard input, tell its sheets as JSON on standard output.

Such a file cannot be measured before it is laid out: a few hundred bytes may ask for gigabytes. So it is read where it
may die: by a process that gave itself little memory and little time, and that knows nothing of the application. It
imports nothing of it either. Started by ``kernel.worksheets``; never imported.

Standard output: ``{"sheets": [[name, kind, height, width, rows, merged]]}``; a date is told as ``{"date": …}``.
Exit: 0; 3 for a password, 4 for what is no workbook, 5 for a sheet beyond the limits (then ``{"height": …, "width":
…}`` is told), 6 for more text than can be told.
"""

import datetime
import io
import json
import resource
import sys

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

PROTECTED, UNREADABLE, TOO_LARGE, TOO_LONG = 3, 4, 5, 6


def main(rows: int, cells: int, memory: int, seconds: int, most: int) -> int:
    """Read within ``memory`` bytes and ``seconds`` of work; sheets of at most ``rows`` rows and ``cells`` cells, and
    tell at most so many characters: a text that many cells share is told once for each, to whom no limit holds.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        sheets = []
        for one in book.sheets_metadata:
            sheet = book.get_sheet_by_name(one.name)
            height, width = sheet.total_height, sheet.total_width
            if height > rows or height * width > cells:
                json.dump({"height": height, "width": width}, sys.stdout)
                return TOO_LARGE
            rows_told = sheet.to_python(skip_empty_area=False)
            sheets.append([one.name, str(one.typ), height, width, rows_told, sheet.merged_cell_ranges or []])
    except PasswordError:
        return PROTECTED
    except CalamineError:
        return UNREADABLE
    text = json.dumps({"sheets": sheets}, default=told)
    if len(text) > most:
        return TOO_LONG
    sys.stdout.write(text)
    return 0


def told(cell: object) -> object:
    """What JSON does not know: a date with its kind, anything else as text."""
    if isinstance(cell, datetime.datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, datetime.date):
        return {"date": cell.isoformat()}
    return str(cell)


if __name__ == "__main__":
    sys.exit(main(*(int(one) for one in sys.argv[1:])))
