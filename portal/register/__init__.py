"""The register of dwellings: rosters in, door labels out.

Does not belong here: claiming a dwelling (``portal.claims``) and what a dwelling is (``kernel.places``).
"""
