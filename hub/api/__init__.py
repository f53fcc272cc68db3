"""The local API: REST under `/api/v1`, the stream (WebSocket), pages and static files."""
