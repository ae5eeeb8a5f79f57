"""Asking for a file, fetching it; making it in the background; forgetting it."""
