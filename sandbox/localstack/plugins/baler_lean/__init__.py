"""What LocalStack does for every request and nobody here needs is left out, and what it does slowly is done otherwise.

No answer is another one for that. LocalStack is one Python process, and is what a load test meets first: what each
request costs it is what the sandbox can carry.
"""
