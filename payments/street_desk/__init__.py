"""The street's desk: everything about money that waits for somebody, and the three sides of each account beside it."""
