"""`baler verify`: whether the archive is what its register says."""
