"""Whisper in torch: the network, its checkpoints, its search and its alignment."""
