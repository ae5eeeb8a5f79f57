"""A finished named vote as a table of weights and choices, for an auditor's own tally tools.

CSV in UTF-8 with a byte order mark, comma, CRLF, one row a counted ballot sorted by receipt number:

* ``receipt_no``; ``line`` (number on the roll); ``weight_heads``; ``weight_area_dm2`` (0.01 ㎡);
* ``proxy``, ``paper``, ``helped`` (on a worker's phone), ``disputed``: 1 or 0;
* a question: one column ``m<position>`` with ``approve``, ``against`` or ``abstain``;
* an election: one column a candidate, ``m<position>:<name>``, 1 where ticked and 0 where not (approval voting).

The first row holds the names. The sums by ``weight_heads`` and by ``weight_area_dm2`` are those of the result.
"""

import csv
import io
from datetime import datetime

from kernel.database import reading
from kernel.errors import Conflict
from surveys.votes import queries
from surveys.votes.rules.catalogue import Form
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.tally import Mark
from surveys.votes.services import counting
from surveys.votes.services.papers import papers_of
from surveys.votes.services.preparing import Staff

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def weighted_csv(vote_id: str, *, by: Staff, reason: str, now: datetime) -> str:
    """The table, for an auditor; the look and its reason are on record first.

    Raises NotAllowed without vote.audit at the place, Conflict before the result or for a secret vote.
    """
    vote = queries.announced_vote(reading(), vote_id)
    if vote.state != State.RESULT:
        raise Conflict("no-result-yet", "结果还没有公布，公布以后才能导出。")
    opened = counting.open_for_audit(vote_id, by=by, reason=reason, now=now)
    session = reading()
    papers = papers_of(session, queries.announced_vote(session, vote_id).id)
    columns: list[tuple[str, str, str | None]] = []
    for place, paper in enumerate(papers, start=1):
        if paper.form is Form.QUESTION:
            columns.append((f"m{place}", paper.motion, None))
        else:
            columns += [(f"m{place}:{_plain(name)}", paper.motion, identity) for identity, name in paper.candidates]
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(
        ["receipt_no", "line", "weight_heads", "weight_area_dm2", *map(str, Mark), *(name for name, _, _ in columns)]
    )
    for each in sorted(opened, key=lambda ballot: ballot.receipt_no):
        chosen = (
            each.choices[motion] if candidate is None else int(candidate in each.choices[motion])
            for _, motion, candidate in columns
        )
        marks = (int(str(mark) in each.marks) for mark in Mark)
        table.writerow([each.receipt_no, each.line, each.heads, each.area_dm2, *marks, *chosen])
    return "\ufeff" + out.getvalue()


def _plain(name: str) -> str:
    """A name no spreadsheet takes for a formula."""
    return f"'{name}" if name.startswith(FORMULA) else name
