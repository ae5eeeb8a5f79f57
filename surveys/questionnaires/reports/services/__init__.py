"""Asking for reports and looking at them; making them."""
