"""The third side: what the bank says. Lines are read, known again and matched; what is left waits for people."""
