"""The use cases of results: objecting, answering, counting again, the final word, reading."""

from surveys.votes.results.services.finishing import finalise, finish_by_clock
from surveys.votes.results.services.objecting import answer, object_to, plan
from surveys.votes.results.services.reading import ObjectionView, Standing, managed_standing, standing
from surveys.votes.results.services.recounting import count_again, recount

__all__ = [
    "ObjectionView",
    "Standing",
    "answer",
    "count_again",
    "finalise",
    "finish_by_clock",
    "managed_standing",
    "object_to",
    "plan",
    "recount",
    "standing",
]
