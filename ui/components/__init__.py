"""Parts of the page; each is a Python file with its markup, style and script beside it."""
