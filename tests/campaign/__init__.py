"""The campaign against the consumer: hostile and broken input from a seed, the real code, a real folder.

A *case* is one site (folder of files, state, mailbox), made from a seed by a *family* of faults, with good bundles
around the bad ones. However it is made, it must end with nothing outside the folder, nothing overwritten, nothing lost
in silence and nothing stuck for ever. `python -m campaign --cases N` looks for a case that does not.

A new family is a module with a function that takes a `World`, and a line in driver.py's FAMILIES.
"""
