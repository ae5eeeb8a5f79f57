"""Money of many households that goes back together: previewed, agreed by two, released one by one, resumable."""
