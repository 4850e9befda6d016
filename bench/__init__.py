"""The published figures: one module with ``measure() -> list[Figure]`` for each kind of work."""
