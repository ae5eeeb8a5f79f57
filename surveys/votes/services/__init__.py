"""The use cases of votes: prepare (draft, notice, opening), cast, count (closing, result, audit), and what is read."""
