"""Moonshine: a small recogniser of English whose work follows the length of the sound.

Source: Jeffries et al. 2024, arXiv:2410.15608.
"""

ENCODER_FILE, DECODER_FILE = "encoder_model.ort", "decoder_model_merged.ort"
