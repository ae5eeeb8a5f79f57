"""What somebody has begun to fill in for a dwelling, kept until it is submitted: his other phone goes on with it."""
