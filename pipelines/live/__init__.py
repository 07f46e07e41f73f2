"""Meetings that are still going on: words, lines and voices while people talk."""
