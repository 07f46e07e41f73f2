"""Sound becomes domain objects, one stage per package."""
