"""Money taken over the counter or at the door: cash and cards, boxes counted daily by a second person, cash banked."""
