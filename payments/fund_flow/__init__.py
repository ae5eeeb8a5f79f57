"""The account at the payment service: what moved it besides the households' payments and their refunds."""
