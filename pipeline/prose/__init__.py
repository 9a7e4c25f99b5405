"""The prose of a report: its title, agency and year, its chapters, and the figures that it states."""
