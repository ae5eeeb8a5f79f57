"""What is measured and how, runnable by anyone: ``sh dev bench NAME``."""
