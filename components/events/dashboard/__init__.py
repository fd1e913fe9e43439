"""The pipeline's rows of the dashboard: operations, performance and cost, as requirement document 5 asks for them."""
