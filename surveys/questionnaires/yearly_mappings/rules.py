"""What may become of a proposed mapping, and what a mapping says in words."""

from collections.abc import Iterator
from enum import StrEnum

from surveys.questionnaires.rules.mapping import Correspondence
from surveys.questionnaires.rules.wording import labels_of


class Decision(StrEnum):
    """What became of a proposal."""

    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


def lines(step: Correspondence) -> Iterator[str]:
    """What a mapping says beyond "the same is the same", in words."""
    old, new = step.old.with_inner, step.new.with_inner
    for code, target in step.questions.items():
        if target is None:
            yield f"“{old[code].title}”不再问"
            continue
        if target != code:
            yield f"“{old[code].title}”是现在的“{new[target].title}”"
        before, after = labels_of(old[code]), labels_of(new[target])
        for part, became in step.options.get(code, {}).items():
            if became is None:
                yield f"“{old[code].title}”里的“{before.get(part, part)}”没有了"
            elif became != part:
                yield f"“{old[code].title}”里的“{before.get(part, part)}”是现在的“{after.get(became, became)}”"
