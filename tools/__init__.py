"""Small scripts that make and CI call; the standard library only, so they run before any install."""
