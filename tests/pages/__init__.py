"""The project's pages, as tests read them: their blocks of commands, and what it takes to run those."""
