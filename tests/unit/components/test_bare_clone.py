"""What the Pulumi CLI finds in a clone in which nothing was set up.

Where the virtual environment that Pulumi.yaml names is missing, the CLI makes it and installs `requirements.txt`, and
goes on without dependencies where there is none (pulumi/pulumi, sdk/python/toolchain/pip.go).
"""

import re

import yaml

from sandbox.engine.program import PROJECT_DIR

MAKEFILE = (PROJECT_DIR / "Makefile").read_text()


def test_the_cli_runs_the_program_in_the_environment_that_make_sets_up() -> None:
    runtime = yaml.safe_load((PROJECT_DIR / "Pulumi.yaml").read_text())["runtime"]
    assert runtime == {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
    assert f"-m venv {runtime['options']['virtualenv']}\n" in MAKEFILE


def test_without_make_the_cli_installs_the_lock_that_make_installs() -> None:
    lines = (PROJECT_DIR / "requirements.txt").read_text().splitlines()
    (lock,) = [line.removeprefix("-r ") for line in lines if not line.startswith("#")]
    assert re.search(rf"^\.venv/\.locked:.* {lock}( |$)", MAKEFILE, re.MULTILINE)
    locked = re.findall(r"^([\w.-]+)==", (PROJECT_DIR / lock).read_text(), re.MULTILINE)
    assert {"pulumi", "pulumi-aws"} <= set(locked)


def test_the_readme_logs_in_before_it_makes_a_stack_and_sets_up_before_both() -> None:
    readme = (PROJECT_DIR / "README.md").read_text()
    steps = [
        "    make setup\n    pulumi login",
        "    pulumi stack init dev\n",
        "    pulumi config set",
        "    pulumi up\n",
    ]
    places = [readme.index(step) for step in steps]
    assert places == sorted(places)
