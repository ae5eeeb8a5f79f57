"""What is done to reconcile: fetch and compare a day, decide a difference (two people), close the day."""
