"""The demonstration territory: the source's facts, and a current season for a town's page to show.

`data/` holds what one reads and edits; the modules turn it into rows. `load.load` writes them.
"""
