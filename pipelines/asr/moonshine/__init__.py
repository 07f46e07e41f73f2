"""Moonshine: a small recogniser of English whose work follows the length of the sound.

Source: Jeffries et al. 2024, arXiv:2410.15608.
"""
