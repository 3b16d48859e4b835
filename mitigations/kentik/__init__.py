"""The way to Kentik, and the only one. Pure I/O: no Django, no database, no retries."""
