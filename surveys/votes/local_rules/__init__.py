"""The register of local rules: what a city or district lays down for votes, dated, with its document, by two officers.

For others: ``queries.in_force(session, place, day)`` says what holds at a place on a day (``.number("recall_days")``,
``.share("recall_share")``, ``.word("clash")``, with ``.source(key)``); ``queries.printed_on(session, vote_id)`` says
what a vote's notice froze. The keys are in ``surveys.votes.rules.local_rules``.
"""
