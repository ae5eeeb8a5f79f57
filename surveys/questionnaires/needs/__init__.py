"""From needs to works: the catalogue, the ranked menu, what became of each wish, and what households say of it."""
