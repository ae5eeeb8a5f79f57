"""Adopted 议事规则 on file, and the votes that count silence by them.

For the count: ``queries.deemed_rule(session, vote)`` says by which clause (None: silence is not counted), and
``queries.deemed_lines(session, vote)`` which lines it may be counted for.
"""
