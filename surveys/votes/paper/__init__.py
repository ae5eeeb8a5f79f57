"""Votes on paper, on request: numbered papers printed from the roll, handed out, returned, keyed twice, accounted for.

A paper settles into an ordinary ballot (``services.keeping``) that is sealed like one by phone; the instant it was
received says whether it is late. A secret vote takes no paper (``rules.terms``).
"""
