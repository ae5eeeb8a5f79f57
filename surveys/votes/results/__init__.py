"""From the first count to the final result: publicity, objections and their answers, recounts, the final word.

What does not belong here: counting itself (``services/counting``), and what the sheet looks like (``result_sheet``).
"""
