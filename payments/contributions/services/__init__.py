"""What is done with budgets and dues: one use case, one function, one transaction."""
