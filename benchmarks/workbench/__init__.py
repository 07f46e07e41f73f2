"""How the page behaves with a long meeting and a full library."""
