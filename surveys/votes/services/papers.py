"""The ballot paper of a vote and its count, as the rules know them."""

from sqlalchemy.orm import Session

from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.rules import catalogue
from surveys.votes.rules.ballot import Paper
from surveys.votes.rules.tally import Section


def papers_of(session: Session, vote_id: int) -> list[Paper]:
    """One paper a motion, in printed order."""
    candidates = queries.candidates_of(session, vote_id)
    return [
        Paper(
            motion=motion.public_id,
            form=catalogue.of_version(motion.rule).form,
            title=motion.title,
            text=motion.text,
            candidates=tuple((each.public_id, each.name) for each in candidates.get(motion.id, ())),
            most=motion.most,
        )
        for motion in queries.motions_of(session, vote_id)
    ]


def sections_of(session: Session, vote_id: int) -> list[Section]:
    """One section a motion, as it is counted, in printed order: with its alternates, withdrawals and lots."""
    alternates, withdrawn = elections.alternates_of(session, vote_id), elections.withdrawn_of(session, vote_id)
    lots = elections.lots_of(session, vote_id)
    sections = []
    for motion, paper in zip(queries.motions_of(session, vote_id), papers_of(session, vote_id), strict=True):
        candidates = tuple(candidate for candidate, _ in paper.candidates)
        sections.append(
            Section(
                motion=paper.motion,
                rule=catalogue.of_version(motion.rule),
                candidates=candidates,
                seats=motion.seats,
                most=paper.most,
                alternates=alternates.get(motion.id),
                withdrawn=frozenset(withdrawn.intersection(candidates)),
                lots=tuple(tuple(lot.names) for lot in lots.get(motion.id, ())),
            )
        )
    return sections
