"""The registry of question kinds: one class a kind, nothing else in the package asks "which kind is this?"."""

from surveys.questionnaires.rules.questions.base import ANSWERED, SUM, Context, Count, Kind, Option, Question, Refused
from surveys.questionnaires.rules.questions.choices import Cascade, Multi, Ranking, Single
from surveys.questionnaires.rules.questions.numbers import NOT_THERE, Matrix, Number, NumberGrid, Rating
from surveys.questionnaires.rules.questions.others import Consent, Note, Photo, Place, Signature
from surveys.questionnaires.rules.questions.repeats import HOMES, ROWS, Repeat
from surveys.questionnaires.rules.questions.texts import Day, Moment, Phone, Text, TimeOfDay

_ALL: tuple[Kind, ...] = (
    Single(),
    Multi(),
    Ranking(),
    Number(),
    NumberGrid(),
    Rating(),
    Matrix(),
    Text(),
    Day(),
    TimeOfDay(),
    Moment(),
    Phone(),
    Photo(),
    Signature(),
    Consent(),
    Place(),
    Note(),
    Cascade(),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
KINDS[Repeat.name] = Repeat(KINDS)


def kind_of(question: Question) -> Kind:
    """The kind of a checked question."""
    return KINDS[question.kind]


__all__ = [
    "ANSWERED",
    "HOMES",
    "KINDS",
    "NOT_THERE",
    "ROWS",
    "SUM",
    "Context",
    "Count",
    "Kind",
    "Option",
    "Question",
    "Refused",
    "kind_of",
]
