"""Secret elections by the double envelope: sealed on the phone, opened off the server by the trustees.

The server keeps an envelope as the sealed part of an ordinary ballot (``Ballot.choices_sealed``), bound to its roll
line; it never has the key. What it learns in the end is a list of numbers and choices.
"""
