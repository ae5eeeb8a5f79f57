"""The plan: which estates are renovated in which year, when they started, on whose money.

What does not belong here: deposits and refunds (``payments``), and showing figures to people (``portal/dashboards``).
"""
