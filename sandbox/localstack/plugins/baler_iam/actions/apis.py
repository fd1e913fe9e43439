"""What requests to API Gateway's control plane need: actions are the methods of HTTP that its requests have.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html

They are judged on any resource, as those of other services that only who deploys calls: the simulator has the resources
of REST APIs alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from baler_iam.access import Access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler_iam.access import Call, Resources

_METHODS = {
    "Create": "POST",
    "Delete": "DELETE",
    "Get": "GET",
    "Import": "PUT",
    "Reimport": "PUT",
    "Tag": "POST",
    "Untag": "DELETE",
    "Update": "PATCH",
}


def api_accesses(call: Call, _resources: Resources) -> Iterator[Access]:
    """Yield what a request to API Gateway v2 needs."""
    method = _METHODS[re.findall("[A-Z][a-z]+", call.operation)[0]]
    yield Access(f"apigateway:{method}", "*", call.account)
