"""Signatures on paper for a recall or a joint nomination: keyed with photo, checked by another, shown as numbers.

A line counts for the same head of today's roll as a signature on a phone does, once; what counts is one table a cause
(``elections.models``), whichever way it came. Who signed may take it back while signatures are collected.
"""
