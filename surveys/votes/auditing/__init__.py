"""What an auditor takes along of a finished vote: the bundles and the table of weights; each look is on record."""
