"""Domain objects as text and documents, one file per format."""
