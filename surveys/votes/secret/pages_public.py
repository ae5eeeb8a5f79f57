"""The opened list of a secret election: every number with its choices. Which number is whose, only phones know."""

from werkzeug.wrappers import Response

from kernel.database import reading
from kernel.web import Pages, open_to_all, page
from surveys.votes import queries, words
from surveys.votes.rules import envelope
from surveys.votes.rules.decision import CHOICE_WORDS, Choice
from surveys.votes.secret.services import opening
from surveys.votes.services import reading as shown
from surveys.votes.services.papers import papers_of

blp = Pages("secret_votes_pages", __name__, guard=open_to_all, url_prefix="/v", template_folder="../templates")


@blp.route("/<vote>/numbers")
def numbers(vote: str) -> Response:
    """All of them on one page: turning pages by number would tell the server which one is looked for."""
    session = reading()
    found = queries.announced_vote(session, vote)
    document = opening.opening(session, found)
    papers = papers_of(session, found.id)
    names = {identity: name for paper in papers for identity, name in paper.candidates}

    def words_of(answer: str | list[str]) -> str:
        if isinstance(answer, str):
            return CHOICE_WORDS[Choice(answer)]
        return "、".join(names[each] for each in answer) or "弃权"

    rows = [
        (each["number"], [(paper.title, words_of(each["choices"][paper.motion])) for paper in papers])
        for each in document["ballots"]
    ]
    return page(
        "votes/numbers.html",
        view=shown.notice(session, found),
        rows=rows,
        opened=document,
        repeated=[envelope.number_text(number) for number in opening.repeated_numbers(document)],
        number_text=envelope.number_text,
        words=words,
    )
