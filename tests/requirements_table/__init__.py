"""docs/requirements.md: which requirement is built where and which tests hold it, generated from the tests' markers.

From the repository's root: `PYTHONPATH=tests python -m requirements_table --check`, or `--write`.
"""
