"""The ballot paper of a vote, as the rules know it."""

from sqlalchemy.orm import Session

from surveys.votes import queries
from surveys.votes.rules import catalogue
from surveys.votes.rules.ballot import Paper


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
