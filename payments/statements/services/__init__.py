"""What is done with bank statements: importing and matching, deciding, crediting."""
