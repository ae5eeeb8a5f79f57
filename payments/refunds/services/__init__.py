"""What people do with deposits that go back or become contributions."""
