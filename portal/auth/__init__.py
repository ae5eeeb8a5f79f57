"""Signing in: silent WeChat OAuth, server-side sessions that can be ended.

Does not belong here: what a signed-in account may do (``kernel.grants``, ties) and claims (``portal.claims``).
"""
