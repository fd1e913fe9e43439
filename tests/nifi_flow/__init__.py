"""The shipped NiFi flow as its tests read it: the definition, what NiFi knows of its parts, an interpreter."""
