"""A model of the event stream on AWS: what a rate needs, how late it is, what it costs."""
