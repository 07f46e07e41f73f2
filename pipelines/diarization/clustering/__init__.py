"""Clustering of speaker embeddings, one algorithm per file."""
