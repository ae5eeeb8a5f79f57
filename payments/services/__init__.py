"""What is done with money: one use case, one transaction; every call to a gateway stands between two of them."""
