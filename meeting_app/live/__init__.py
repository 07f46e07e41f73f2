"""Meetings that are still going on: recorded, followed, watched, and sealed at their end."""
