"""Budgets, what each dwelling bears of them (dues), and the payments that meet a due."""
