"""Minutes: what was said, decided and promised, with proof."""
