"""Telling people: short messages to phones, and notices that wait for an account until it comes back."""
