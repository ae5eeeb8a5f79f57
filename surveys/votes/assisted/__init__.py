"""Voting on a worker's phone, for those without one (``services.helping`` says what binds such a ballot)."""
