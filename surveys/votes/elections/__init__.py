"""Before and after an election's ballot: nominations with consent, the printed list, ties, recall.

Casting and counting are the votes' own (``services``, ``rules/election``); the body that comes out is
``portal/bodies``.
"""
