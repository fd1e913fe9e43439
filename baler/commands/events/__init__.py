"""`baler events`: what people do with the event stream."""
