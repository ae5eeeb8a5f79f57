"""Alarms of money: seen, settled with a reason, by two people where money moved otherwise than it should."""
