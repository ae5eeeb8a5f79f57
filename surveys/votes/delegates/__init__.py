"""The list of residents' representatives (居民代表): who, of which residents' group, for which term, how chosen."""
