"""Corrections: a campaign goes on with a newer wording, and every figure goes on with it.

Texts are frozen when a campaign opens. What turns out wrong becomes a new version, and a mapping says which question
and option of the old is which of the new (``rules.mapping``). Stored documents are never rewritten: whoever counts or
lists them asks ``reading.AsAsked`` for the words the campaign asks with now.
"""
