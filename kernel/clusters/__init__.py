"""片区: several estates that are planned and decided on as one. Everything that joins estates names one of these."""
