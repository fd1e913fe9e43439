"""The blocks of the pages that no test runs as they are written, with the reason.

A block is named by a piece of its text that does not change when settings or outputs get other names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.terminal.blocks import Block

_CLI: Final = "changes a stack with the Pulumi CLI, which the sandbox does without"
_CODE_DEPLOY: Final = "LocalStack has no CodeDeploy; tests/unit/baler/commands/deploy/test_deploy.py runs it on moto"
_SUITE: Final = "suites do not run suites; .ci/run runs it"

# On any page.
EVERYWHERE: Final = {"pulumi config set": _CLI, "pulumi preview": _CLI, "pulumi up": _CLI}
NOT_RUN: Final[dict[str, dict[str, str]]] = {
    "CONTRIBUTING.md": {
        "make setup": "it is what the tests run in",
        "make test": _SUITE,
        "make lint": _SUITE,
        "pre-commit install": "asks the network for a package, and changes the checkout's hooks",
    },
    "README.md": {
        "make demo": "tests/integration/test_demo.py and test_push_demo.py run it, with a LocalStack of their own",
        "make sandbox": "runs until Ctrl-C, with a LocalStack of its own; tests/integration/test_demo.py runs it",
        "make rehearse": "takes minutes; tests/integration/test_rehearsal.py rehearses with a LocalStack of its own",
        "pip install": "asks the network for packages; the suite of the wheel does it with what is cached",
        "docs/deployer": "needs the checkout's folder; tests/policy/test_deployer_policy.py reads what it puts",
        "s3 cp reading.json": "needs the credentials of two parties; tests/integration/test_pipeline.py has both",
    },
    "docs/auditors.md": {"make demo": "tests/integration/test_demo.py runs it, with a LocalStack of its own"},
    "docs/cost.md": {"baler cost": "tests/unit/baler/commands/cost/test_command.py runs it"},
    "docs/dashboard.md": {
        "make dashboard": "the suite that its second line names, which .ci/run runs, builds it first"
    },
    "docs/decisions/0010-dependency-audit.md": {
        "pip-audit": "needs a database of advisories",
        "detect-secrets scan": "rewrites a file of the repository",
    },
    "docs/event-tables.md": {
        "baler events query": "needs the events of yesterday; test_events_demo.py asks for hours as it does",
    },
    "docs/exit-codes.md": {"case $?": "a piece of a script that goes on after an error, which a block here does not"},
    "docs/lake-api.md": dict.fromkeys(
        ("export LAKE", "limit=2&source", "NEXT=", "/records/randomuser-7", "analytics?days", "TAG="),
        "needs the lake; tests/integration/test_lake_api.py runs it at one",
    ),
    "docs/load-test.md": {
        "make loadtest": "takes minutes; tests/integration/test_loadtest.py runs a short one",
        "loadtest/events/locustfile.py": "takes minutes; tests/integration/test_events_demo.py runs a short one",
        "--shape soak": "takes hours; tests/integration/test_loadtest.py runs a short one",
        "--expect-workers": "needs several machines",
    },
    "docs/nifi.md": {
        "openssl pkcs12": "needs certificates, and Java's keytool",
        "curl --cacert": "needs a NiFi",
    },
    "docs/external-party.md": {
        "python3 -m venv": "the suite of the wheel does it with what is cached",
        **dict.fromkeys(
            ("baler send", "aws s3api put-object"),
            "is the external party's; tests/integration/test_send.py sends as the party",
        ),
    },
    "docs/on-premises.md": {
        **dict.fromkeys(
            ("make dist", "useradd", "consume.env", "systemctl"),
            "makes a host of a machine; tests/dist/test_premises.py does so with a folder for its root",
        ),
        "baler ledger": "tests/dist/test_premises.py asks a consumer's own host",
    },
    "docs/performance.md": {"make bench": "takes a quarter of an hour", "benchmarks.lake_api": "takes minutes"},
    "docs/receiver-answers.md": {"make test-receiver": "needs a receiver; without RECEIVER_URL, .ci/run runs it"},
    "docs/runbooks/budget.md": {"aws ce": "LocalStack has no Cost Explorer"},
    "docs/runbooks/consumer-down.md": {
        "AWS_ENDPOINT_URL_DYNAMODB": "only a stack with a private network has it, and LocalStack's carry nothing",
    },
    "docs/runbooks/events-data-loss.md": {
        "restore-object": "needs objects that have moved to Glacier",
        "--version-id MARKER": "needs an object that somebody has deleted",
    },
    "docs/runbooks/events-lost-region.md": {
        "pulumi stack init": _CLI,
        "aws s3 sync": "needs a replica in another region",
        "baler events rebuild": "tests/unit/baler/commands/events/test_rebuild.py runs it",
    },
    "docs/runbooks/events-outage.md": {
        "--life 1700000000": "needs what a stream gave up that had this one's name before",
        "aws s3 ls": "ends with an error where nothing is there",
    },
    "docs/runbooks/events-restored-table.md": {
        "restore-table-to-point-in-time": "LocalStack has no backups",
    },
    "docs/runbooks/events-slow.md": {"aws xray": "LocalStack has no X-Ray"},
    "docs/runbooks/network-change.md": {"baler deploy": _CODE_DEPLOY},
    "docs/runbooks/rolled-back.md": {"aws deploy": _CODE_DEPLOY, "baler deploy": _CODE_DEPLOY},
    "docs/runbooks/upgrade.md": {
        "baler status": "is healthy in a stack whose schedules have all run; tests/integration/test_status.py runs it",
        "make dist": "asks the network for packages; the suite of the wheel runs it",
        "baler deploy": _CODE_DEPLOY,
    },
    "docs/runbooks/slow.md": {"aws xray": "LocalStack has no X-Ray"},
    "docs/s3-stores.md": {"make test-store": "needs a store of somebody's; without S3_ENDPOINT_URL, .ci/run runs it"},
    "docs/sandbox.md": {
        "make demo": "tests/integration/test_push_demo.py runs both, each with a LocalStack of its own",
        "make sandbox": "runs until Ctrl-C; tests/integration/test_events_demo.py runs it",
        "make rehearse": "takes minutes; tests/integration/test_rehearsal.py rehearses with a LocalStack of its own",
        ". out/sandbox/env": "needs a running sandbox; tests/integration/test_demo.py types it",
        "/_baler/wire": "at the port of `make sandbox`; tests/integration/test_wire.py asks it at its own",
    },
}


def reason(block: Block) -> str | None:
    """Return why a block is not run, or None if it is."""
    listed = {**EVERYWHERE, **NOT_RUN.get(block.page, {})}
    return next((why for piece, why in listed.items() if piece in block.text), None)
