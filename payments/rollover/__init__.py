"""A deposit rolls over to next year's plan only when its payer says so: asked, never assumed."""
