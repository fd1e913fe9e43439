"""The dashboard on this machine: what CloudFront does on AWS, in front of the deployed bucket and API."""
