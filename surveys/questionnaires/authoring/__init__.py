"""Writing questionnaires: drafts several people may work on, looked at as a phone shows them, published as versions.

A draft may be wrong in every way; what is wrong is told beside the question. Only what is in order is published, and
what is published is frozen.
"""
