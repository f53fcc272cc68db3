"""Print jobs: what they are, how they go, and what people do with them."""
