"""Drafting and announcing the votes of several assemblies together; opened, closed and counted they are one by one."""

from dataclasses import replace
from datetime import datetime

from kernel import audit, idempotency
from kernel.database import new_public_id, transaction, use_case
from kernel.errors import Invalid
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.clusters import queries as clusters
from surveys.votes.clusters.models import VoteCluster, VoteClusterMember
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.clusters import MOST_ASSEMBLIES
from surveys.votes.services import preparing
from surveys.votes.services.preparing import NewVote, Staff, must_manage


@use_case
def create(draft: NewVote, place_codes: tuple[str, ...], *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Draft the same vote at every place, with a roll each; gives the cluster's public id.

    ``draft.place_code`` is not looked at. Raises as ``preparing.create`` does, for any of the places, and Invalid for
    fewer than two places or a vote that is not the owners'.
    """
    codes = tuple(dict.fromkeys(place_codes))
    if not 2 <= len(codes) <= MOST_ASSEMBLIES:
        raise Invalid("too-few-places", f"合并表决请选 2 到 {MOST_ASSEMBLIES} 个小区。", {"places": ["请重新选"]})
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        cluster = VoteCluster(public_id=new_public_id(), title=draft.title, created_at=now, created_by=by.actor)
        session.add(cluster)
        session.flush()
        for code in codes:
            vote = preparing.draft_in(session, replace(draft, place_code=code), by=by, now=now)
            if vote.electorate != Electorate.OWNERS:
                raise Invalid("not-an-owners-vote", "合并表决由各小区的业主分别表决，请选业主表决的事项。")
            session.add(VoteClusterMember(vote_id=vote.id, cluster_id=cluster.id))
        session.flush()
        audit.record(
            session,
            actor=by.actor,
            action="cluster.drafted",
            subject=f"cluster:{cluster.public_id}",
            now=now,
            payload={"places": list(codes)},
        )
        idempotency.remember(session, key, cluster.public_id, now=now)
        return cluster.public_id


@use_case
def publish(cluster_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Put all notices out at one instant; gives the cluster. Raises NotAllowed, Conflict for any of them."""
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        cluster = clusters.cluster_by_public_id(session, cluster_id)
        for public_id in sorted(vote.public_id for vote, _ in clusters.members_of(session, cluster.id)):
            vote = queries.vote_for_update(session, public_id)
            must_manage(session, by, queries.place_of(session, vote), now)
            preparing.publish_in(session, vote, by=by, now=now)
        idempotency.remember(session, key, cluster.public_id, now=now)
        return cluster.public_id
