"""The forms a selection is answered in, besides the JSON that PostgreSQL makes."""
