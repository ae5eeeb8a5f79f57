"""Who votes for an organisation, a minor or an incapable owner: entered with papers, confirmed by another officer."""
