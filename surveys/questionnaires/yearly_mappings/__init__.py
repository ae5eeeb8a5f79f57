"""Which question of last year's version is which of this year's: said by one, agreed to by another.

By it last year's answers begin this year's sheets, of every household of the city. The mapping of a running campaign is
another matter (``corrections``): there, figures are counted again and the campaign's own people answer for it.
"""
