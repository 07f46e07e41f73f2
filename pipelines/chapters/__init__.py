"""Chapters: where does the topic change, and what is it called?"""
