"""The use cases of elections: call, nominate, list, print; ties; recall."""
