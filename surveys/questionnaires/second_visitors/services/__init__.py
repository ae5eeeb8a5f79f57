"""Naming a second visitor with the sheet (``asking``); his word, and naming another later (``answering``)."""
