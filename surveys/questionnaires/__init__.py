"""Questionnaires: what residents need and want, one valid response a dwelling.

A campaign asks one frozen version of a questionnaire in some estates for some time. A response is one row with a JSON
document and is never changed; which response counts for a dwelling is a row of its own table. Live counts come from
counters that a job adds to, never from the write itself. What does not belong here: votes (``surveys.votes``; a survey
is not a vote), money, and who may speak for a dwelling (``kernel.people``).
"""
