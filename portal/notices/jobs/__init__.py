"""Writing notices from the news of the payments: money taken, and what a household bears."""
