"""Voice activity detection: where is speech?"""
