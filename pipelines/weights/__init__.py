"""Every model file: where it comes from, and proof that it is the right one."""
