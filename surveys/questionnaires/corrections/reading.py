"""Stored documents in the words their campaign asks with now."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from kernel.database import current_city
from surveys.questionnaires import queries as versions
from surveys.questionnaires.corrections import queries
from surveys.questionnaires.corrections.models import CampaignMapping, VersionMapping
from surveys.questionnaires.rules import mapping as rules
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.mapping import Correspondence
from surveys.questionnaires.services.forms import form_of

KEPT = 64
_steps: OrderedDict[tuple[str, str, str], tuple[Correspondence, ...]] = OrderedDict()
_lock = threading.Lock()


def steps_between(session: Session, from_id: int, to_id: int) -> tuple[Correspondence, ...] | None:
    """The mappings that lead from one version to another, the shortest way; () for the same, None when none leads."""
    if from_id == to_id:
        return ()
    # A mapping between versions is never changed. Cities may ask with the same texts, and say of them what they like.
    key = current_city(), versions.content_hash(session, from_id), versions.content_hash(session, to_id)
    with _lock:
        if key in _steps:
            _steps.move_to_end(key)
            return _steps[key]
    found = _way(session, from_id, to_id)
    if found is not None:
        with _lock:
            _steps[key] = found
            while len(_steps) > KEPT:
                _steps.popitem(last=False)
    return found


def steps_of(session: Session, campaign_id: int, from_id: int, to_id: int) -> tuple[Correspondence, ...] | None:
    """The same as a campaign has it: where it has replaced a mapping by another, by its own."""
    own = {(row.from_version_id, row.to_version_id): row for row in queries.mappings_of_campaign(session, campaign_id)}
    return _way(session, from_id, to_id, own) if own and from_id != to_id else steps_between(session, from_id, to_id)


def _way(
    session: Session, from_id: int, to_id: int, own: Mapping[tuple[int, int], CampaignMapping] | None = None
) -> tuple[Correspondence, ...] | None:
    shared = queries.mappings_of(session, versions.version_by_id(session, from_id).questionnaire_id)
    instead = own or {}
    known: list[CampaignMapping | VersionMapping] = [*instead.values()]
    known += [row for row in shared if (row.from_version_id, row.to_version_id) not in instead]
    ways: dict[int, tuple[Correspondence, ...]] = {from_id: ()}
    todo = [from_id]
    while todo:
        at = todo.pop(0)
        if at == to_id:
            return ways[at]
        for row in known:
            if row.from_version_id == at and row.to_version_id not in ways:
                step = rules.read(form_of(session, at), form_of(session, row.to_version_id), row.document)
                ways[row.to_version_id] = (*ways[at], step)
                todo.append(row.to_version_id)
    return None


class AsAsked:
    """Reads documents for one transaction or one job. ``lock``: campaigns keep their wording until it ends, so that
    what is counted in old words cannot be added to counters that have just been given new ones."""

    def __init__(self, session: Session, *, lock: bool = False) -> None:
        self._session = session
        self._lock = lock
        self._versions: dict[int, int] = {}
        self._forms: dict[int, Form] = {}
        self._ways: dict[tuple[int, int], rules.Way | None] = {}

    def go_on(self, session: Session) -> None:
        """Look up with another session what is not known yet; what is known holds."""
        self._session = session

    def hold(self, campaign_ids: set[int]) -> None:
        """Look up (and lock, in order) what some campaigns ask with."""
        for campaign_id in sorted(campaign_ids - self._versions.keys()):
            self._versions[campaign_id] = queries.version_of(self._session, campaign_id, lock=self._lock)

    def read(self, campaign_id: int, version_id: int, answers: Mapping[str, Any]) -> tuple[Form, dict[str, Any]]:
        """The campaign's form and a document of it (or its personal part) in that form's codes."""
        if campaign_id not in self._versions:
            self.hold({campaign_id})
        current = self._versions[campaign_id]
        way = self._way(campaign_id, version_id, current)
        if way is None:
            # Never corrected to this: the document is read in its own words, as it always was.
            return self.form(version_id), dict(answers)
        return self.form(current), way(answers)

    def form(self, version_id: int) -> Form:
        """The questions of a version, asked of the database once."""
        form = self._forms.get(version_id)
        if form is None:
            form = self._forms[version_id] = form_of(self._session, version_id)
        return form

    def _way(self, campaign_id: int, from_id: int, to_id: int) -> rules.Way | None:
        if (campaign_id, from_id) not in self._ways:
            steps = steps_of(self._session, campaign_id, from_id, to_id)
            self._ways[campaign_id, from_id] = None if steps is None else rules.along(steps)
        return self._ways[campaign_id, from_id]
