"""Votes of several owners' assemblies on one thing (a merge of estates): a roll and a decision each, all must carry."""
