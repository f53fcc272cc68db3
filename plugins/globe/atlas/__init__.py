"""The atlas: places and what is known of them, each fact with its source."""
