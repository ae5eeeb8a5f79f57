"""Who people are, which dwelling they hold, and which WeChat account speaks for which household."""
