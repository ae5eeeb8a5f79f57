"""Bodies that residents or owners elect: members and offices out of an election, a term, what they may see, filing.

The kinds (自管小组, 业主委员会) are entries of ``surveys.votes.rules.bodies``; voting stays in ``surveys.votes``, roles
in ``kernel.grants``; here they meet.
"""
