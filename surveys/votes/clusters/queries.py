"""Every select over clusters, and where each assembly stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.places.models import Place
from surveys.votes import queries
from surveys.votes.clusters.models import VoteCluster, VoteClusterMember
from surveys.votes.models import Vote
from surveys.votes.results import queries as results
from surveys.votes.rules.clusters import Verdict, verdict


def cluster_by_public_id(session: Session, public_id: str) -> VoteCluster:
    """A cluster. Raises NotFound."""
    found = session.scalar(sa.select(VoteCluster).where(VoteCluster.public_id == public_id))
    if found is None:
        raise NotFound("no-such-cluster", "没有找到这次合并表决。")
    return found


def cluster_of(session: Session, vote_id: int) -> VoteCluster | None:
    """The cluster a vote belongs to, or None."""
    return session.scalar(
        sa.select(VoteCluster)
        .join(VoteClusterMember, VoteClusterMember.cluster_id == VoteCluster.id)
        .where(VoteClusterMember.vote_id == vote_id)
    )


def members_of(session: Session, cluster_id: int) -> Sequence[sa.Row[Vote, Place]]:
    """The votes of a cluster with their places, in the order of the places."""
    return session.execute(
        sa.select(Vote, Place)
        .join(VoteClusterMember, VoteClusterMember.vote_id == Vote.id)
        .join(Place, Place.id == Vote.place_id)
        .where(VoteClusterMember.cluster_id == cluster_id)
        .order_by(Place.path, Vote.public_id)
    ).all()


@dataclass(frozen=True)
class Assembly:
    """Where one assembly stands: per motion True, False, or None while its result is not final."""

    vote: Vote
    place: Place
    turnout: queries.Turnout
    carried: tuple[bool | None, ...]


@dataclass(frozen=True)
class ClusterView:
    """A cluster with its assemblies and, per motion, what they together have decided."""

    cluster: VoteCluster
    motions: tuple[str, ...]
    assemblies: tuple[Assembly, ...]
    verdicts: tuple[Verdict, ...]


def view(session: Session, cluster: VoteCluster) -> ClusterView:
    """The state of a cluster: every assembly by itself, and all of them together."""
    members = members_of(session, cluster.id)
    titles = tuple(motion.title for motion in queries.motions_of(session, members[0][0].id))
    assemblies = tuple(
        Assembly(vote, place, queries.turnout_of(session, vote.id), _carried(session, vote, len(titles)))
        for vote, place in members
    )
    return ClusterView(
        cluster,
        titles,
        assemblies,
        tuple(verdict(each.carried[number] for each in assemblies) for number in range(len(titles))),
    )


def _carried(session: Session, vote: Vote, motions: int) -> tuple[bool | None, ...]:
    if not results.is_final(session, vote.id):
        return (None,) * motions
    counted = queries.result_of(session, vote.id)
    assert counted is not None
    recounts = results.recounts_of(session, vote.id)
    document: dict[str, Any] = recounts[-1].document if recounts else counted.document
    return tuple(bool(motion["carried"]) for motion in document["motions"])
