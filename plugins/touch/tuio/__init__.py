"""TUIO to other programs: what touches the tables, by UDP and WebSocket."""
