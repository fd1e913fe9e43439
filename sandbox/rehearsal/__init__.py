"""Rehearsals: a fault of a runbook is made in a sandbox that works, and somebody repairs it by the page."""
