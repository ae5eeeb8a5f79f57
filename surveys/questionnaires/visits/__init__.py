"""Going from door to door without a network: one page holds a building, and sends what it keeps when it can."""
