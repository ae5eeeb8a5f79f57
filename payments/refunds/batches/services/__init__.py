"""Proposing, deciding, releasing and showing batches."""
