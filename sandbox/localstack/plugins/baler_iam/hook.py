"""Puts the handler into LocalStack's gateway, where `BALER_IAM_EVALUATOR` names the program that judges."""

from __future__ import annotations

import os
from pathlib import Path

from localstack.runtime import hooks

EVALUATOR_VARIABLE = "BALER_IAM_EVALUATOR"
NODE_VARIABLE = "BALER_IAM_NODE"
REFUSALS_VARIABLE = "BALER_IAM_REFUSALS"


@hooks.on_infra_start(should_load=lambda: EVALUATOR_VARIABLE in os.environ)
def enforce_iam() -> None:
    """Append the handler behind `parse_service_request`: the one list there that is open to plugins."""
    # Not before it is known that they are needed: they load half of LocalStack's services.
    from localstack.aws import handlers  # noqa: PLC0415

    from baler_iam.evaluator import Evaluator  # noqa: PLC0415
    from baler_iam.handler import Enforcement  # noqa: PLC0415
    from baler_iam.node import NodeProcess  # noqa: PLC0415
    from baler_iam.service_calls import sign_service_calls  # noqa: PLC0415
    from baler_iam.stores import DeployedResources  # noqa: PLC0415

    sign_service_calls()
    evaluator = Evaluator(NodeProcess([os.environ[NODE_VARIABLE], os.environ[EVALUATOR_VARIABLE]]))
    enforcement = Enforcement(evaluator, DeployedResources(), Path(os.environ[REFUSALS_VARIABLE]))
    handlers.serve_custom_service_request_handlers.append(enforcement)
