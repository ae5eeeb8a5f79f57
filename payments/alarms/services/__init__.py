"""Settling alarms and showing them."""
