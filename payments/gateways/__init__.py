"""The ways out to a payment service, behind one port."""
