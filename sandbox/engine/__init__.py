"""The Pulumi engine's part, played in this process: run the program, create what it declares on an endpoint.

`program` runs `__main__.py` against any `Mocks`; `deployment` is the one that creates; `pulumi_cli` leaves
the work to the real engine where it is installed.
"""
