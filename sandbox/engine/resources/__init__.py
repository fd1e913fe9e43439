"""What the engine can create: one module a service, one function a Pulumi resource type.

A creator works in two steps, so that an input that it does not know stops it before anything exists: it takes
its inputs, and returns what creates the resource from them.
"""
