"""What decides about questionnaires: pure functions over plain values, no clock, no session, no request."""
