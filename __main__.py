"""The Pulumi program: reads the stack's settings, composes its pipelines, exports what their users need."""

import pulumi
import pulumi_aws as aws

from components.blocks.naming import resource_name
from components.blocks.project_version import project_version
from components.blocks.stack_parameter import StackParameter
from components.network.network import Network, NetworkArgs
from components.pipeline import Stack, calls_of, outputs_of
from components.pipelines import PIPELINES, SETTINGS
from components.settings.stack import read_settings
from components.watch.stack_watch import StackWatch, StackWatchArgs

settings = read_settings(SETTINGS)
stack = Stack(
    name=pulumi.get_stack(),
    region=aws.get_region_output().region,
    account=aws.get_caller_identity_output().account_id,
    settings=settings.shared,
)
pipelines = {name: PIPELINES[name].pipeline(name, stack, own) for name, own in settings.pipelines.items()}
network = Network(
    NetworkArgs(
        region=stack.region,
        account=stack.account,
        settings=stack.settings,
        log_retention_days=stack.settings.log_retention_days,
        calls=calls_of(pipelines),
    )
)
running = {name: pipeline.run(network) for name, pipeline in pipelines.items()}
watch = StackWatch(
    StackWatchArgs(
        region=stack.region,
        account=stack.account,
        pipelines={name: pipeline.watched for name, pipeline in running.items()},
        alarms=stack.settings,
        data=stack.settings,
        operators=stack.operators,
    )
)
outputs = {"region": stack.region, "version": project_version(), **watch.outputs, **outputs_of(running)}
StackParameter(resource_name("outputs"), stack=stack.name, outputs=outputs)
for output, value in outputs.items():
    pulumi.export(output, value)
