"""Work with a phone in corridors and basements: scanning, surveys, moves and stocktakes.

The pieces themselves are changed through the verbs of ``items``; what is kept here is the work: who
walked which room, when, and what was seen there.
"""
