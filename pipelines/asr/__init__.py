"""Speech recognition: which words, when?"""
