"""Kentik's V6 API: what it offers, what it mitigates, and the way to stop it. Optional: some accounts have none.

Source: Kentik's published schema `kentik.alerting.public.v202505`. No page of its documentation describes it.
"""
