"""The use cases of secret elections: make a vote secret, take envelopes, hand them out, take what was opened."""
