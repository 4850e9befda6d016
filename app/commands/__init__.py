"""Commands of ``omlop``, one module a group; each has ``add(parsers)``."""
