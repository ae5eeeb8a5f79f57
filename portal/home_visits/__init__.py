"""A household asks a worker to come by, a worker sees the doors of his day and says what became of each."""
