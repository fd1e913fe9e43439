"""What runs in Lambda, and what shares its formats: bundles and claims. Knows no Pulumi and nothing else of ours."""
