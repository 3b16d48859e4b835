"""The ways to machines: log lines, syslog, a webhook, a file. Each takes events in order, or raises NotDelivered.

None gives an event up, so what a line may hold is bounded: one that can never be taken would hold up the rest for good.
"""
