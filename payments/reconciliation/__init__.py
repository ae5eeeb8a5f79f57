"""Three accounts of the same money side by side, every day: the ledger, WeChat Pay's bill, the bank's statement."""
