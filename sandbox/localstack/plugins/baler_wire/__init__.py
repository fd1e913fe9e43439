"""The wire as AWS has it: how answers are framed, how long they take, and how they fail.

`profile` says what becomes of requests, `current` holds the one in force, `dice` draws from it, `counts` notes what was
done. `requests` tells by a request's head which service and operation it is about, `refusals` how services refuse.
`response` does it, in twisted's own thread, so that what waits holds no thread of LocalStack's gateway; `hook` puts it
there, and takes profiles at `/_baler/wire`. `profile`, `dice`, `counts`, `requests` and `refusals` know neither
LocalStack nor twisted and are tested by themselves.
"""
