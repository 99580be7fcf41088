"""Lists as files for a spreadsheet, and back: what is exported is what can be imported."""
