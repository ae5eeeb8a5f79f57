"""Where people see how far things are: a leader's board of doors, and the public page of the city.

What does not belong here: anything that changes data. A look at a board is the one thing written, and it is written by
the audit chain.
"""
