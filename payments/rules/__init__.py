"""What is decided about money, as pure functions: no clock, no session, no network."""
