"""What can be done with questionnaires: load a text, run a campaign, submit a response, count."""
