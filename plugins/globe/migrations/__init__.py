"""How the tables of the plugin came to be."""
