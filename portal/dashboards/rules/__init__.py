"""What a board may say about a door, and what the public may read."""
