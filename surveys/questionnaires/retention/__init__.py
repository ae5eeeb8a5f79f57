"""When their time is over, answers lose the names, phones, signatures and accounts they came with."""
