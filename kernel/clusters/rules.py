"""What a cluster may be."""

MOST_ESTATES = 60
"""More are not planned as one, and not decided on together (``surveys.votes.rules.clusters`` has the same bound)."""
