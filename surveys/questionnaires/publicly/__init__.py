"""What the public may see of a campaign while it runs and after: releases that move by five households or more."""
