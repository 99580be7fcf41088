"""From filters to one SQL statement that makes the answer: nothing of the public tree is read elsewhere."""
