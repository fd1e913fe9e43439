"""Who may do what to which resource and from where: a table that is asked of the policies that the program produces.

From the repository's root: `PYTHONPATH=tests python -m access_matrix --check`, or `--write`.
"""
