"""Extensions of a running vote: each decided before the closing instant, kept with the instant it replaced."""
