"""What is kept of me in questionnaires: seen, corrected, taken along, consents taken back (PIPL §15, §45–47)."""
