"""Money the merchant's account at the payment service sent to the bank: in the books from the day it left."""
