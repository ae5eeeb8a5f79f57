"""Claiming a dwelling: how an account comes to speak for a household, by evidence level (DESIGN §7).

Level 1: name and phone tail fit the roster. It opens the questionnaire.
Level 2: a code sent to the roster's phone, or a worker's confirmation. It opens votes and money.
"""
