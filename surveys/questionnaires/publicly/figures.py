"""What is public of several estates together, kept by this process until one of their releases moves: a city's are
many, and move by five households at a time."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kernel.database import current_city
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.publicly import queries
from surveys.questionnaires.rules import tally
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.release import read
from surveys.questionnaires.rules.tally import Figure
from surveys.questionnaires.rules.totals import together
from surveys.questionnaires.services.forms import form_of

KEPT = 32
_kept: OrderedDict[tuple[Any, ...], "Released"] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Released:
    """``figures``: what each of some estates shows, added up; [] where none shows any. ``agreeing``: estate (inner id)
    → homes that agree, of those that tell it."""

    figures: list[Figure]
    agreeing: Mapping[int, int]


def released(session: Session, campaign: Campaign, estate_ids: Sequence[int]) -> Released:
    """What is public of some estates of a campaign."""
    releases = queries.releases(session, campaign.id, estate_ids)
    moves = tuple(sorted((each.estate_id, each.number, each.taken_at) for each in releases))
    key = (current_city(), campaign.public_id, campaign.version_id, moves)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    form = form_of(session, campaign.version_id)
    shown = {each.estate_id: read(each.document).shown for each in releases}
    apart = {
        estate_id: tally.figures(form, counts, public=True)
        for estate_id, counts in shown.items()
        if counts[tally.RESPONSES]
    }
    agreeing = {estate_id: _agreeing(form, figures) for estate_id, figures in apart.items()}
    found = Released(together([*apart.values()]), {each: n for each, n in agreeing.items() if n is not None})
    with _lock:
        _kept[key] = found
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def _agreeing(form: Form, figures: Sequence[Figure]) -> int | None:
    """How many homes agree; None where that is kept back, or the questionnaire asks no such thing."""
    agree = form.document.get("rates", {}).get("agree", {})
    cells = [
        cell.n
        for figure in figures
        if figure.code == agree.get("question")
        for cell in figure.rows[0].cells
        if cell.code == agree["option"]
    ]
    return cells[0] if cells else None
