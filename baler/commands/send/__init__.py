"""`baler send`: the external party's side, which puts the files of a folder into the landing bucket, each once."""
