"""The self-management group (自管小组) as a body: members and leader out of an election, a term, and what they may see.

Voting stays in ``surveys.votes``, roles in ``kernel.grants``; here the two meet.
"""
