"""The pipeline's rows of the dashboard of CloudWatch, which requirement document 4 asks for among its improvements."""
