"""The labs: nine machines to try the program on, as containers or as virtual machines."""
