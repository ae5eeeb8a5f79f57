"""A campaign while it runs: its times moved with a reason, estates added, who has not answered reminded or rung up."""
