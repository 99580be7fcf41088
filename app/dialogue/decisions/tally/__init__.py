"""Counting a vote: pure functions, one module a method, on ballots alike counted together.

Each method answers the rank of every option (1 is the best; options that tie share a rank, and those after them count
them: 1, 1, 3), the figures that explain it, and what of the method's own stands against its first option.
"""
