"""The table. A line reads: the answer without and with a private network, the actions, the resources."""

from __future__ import annotations

from typing import Final

from access_matrix.row import Section
from access_matrix.rows_of_access_log import ACCESS_LOG
from access_matrix.rows_of_alarms import ALARMS
from access_matrix.rows_of_consumer import CONSUMER, CONSUMER_TWICE, ENDPOINTS_ALONE, LEASE
from access_matrix.rows_of_courier import COURIER, COURIER_ROLLOUT, COURIER_TWICE, CREDENTIALS
from access_matrix.rows_of_event_functions import COMPACTOR, EGRESS, PROCESSOR, RECOVERY, SWEEPER, TRANSFORMER
from access_matrix.rows_of_event_stores import ANNOUNCEMENTS, KEY, PEOPLE, PRODUCERS, REPLICATION, ROLLOUTS
from access_matrix.rows_of_event_stores import TRUST as EVENT_TRUST
from access_matrix.rows_of_lake import API, CURATION, INGESTION
from access_matrix.rows_of_lake_stores import ANNOUNCEMENTS as LAKE_ANNOUNCEMENTS
from access_matrix.rows_of_lake_stores import PEOPLE as LAKE_PEOPLE
from access_matrix.rows_of_lake_stores import ROLLOUTS as LAKE_ROLLOUTS
from access_matrix.rows_of_lake_stores import SITE
from access_matrix.rows_of_lake_stores import TRUST as LAKE_TRUST
from access_matrix.rows_of_monitor import MONITOR
from access_matrix.rows_of_others import EVENTS, EVERYBODY, FLOW_LOGS, OPERATORS, STACK_PARAMETER, TRUST
from access_matrix.rows_of_producers import AGGREGATOR, EXTERNAL_PARTY, EXTERNAL_PARTY_TWICE
from access_matrix.rows_of_reconciliation import RECONCILIATION
from access_matrix.rows_of_registrar import REGISTRAR
from access_matrix.rows_of_rollout import ROLLOUT
from access_matrix.vocabulary import Variant

_EVENTS: Final = (Variant.EVENTS,)
_LAKE: Final = (Variant.LAKE,)

SECTIONS: Final = (
    Section("The aggregator", AGGREGATOR),
    Section("The mailbox monitor", MONITOR),
    Section("Reconciliation", RECONCILIATION),
    Section("The registrar", REGISTRAR),
    Section("The external party", EXTERNAL_PARTY),
    Section("The external party, if one of the two policies that hold it were lost", EXTERNAL_PARTY_TWICE),
    Section("The on-premises consumer", CONSUMER),
    Section("The lease of consumers that stand by for one another", LEASE),
    Section("The consumer, if one of the two policies that hold it were lost", CONSUMER_TWICE),
    Section("The endpoints for the premises, if all other policies were lost", ENDPOINTS_ALONE),
    Section("The courier", COURIER),
    Section("The courier, if one of the policies that hold it were lost", COURIER_TWICE),
    Section("The receiver's secret", CREDENTIALS),
    Section("Who may become whom", TRUST),
    Section("Events", EVENTS),
    Section("The network's log", FLOW_LOGS),
    Section("Alarms", ALARMS),
    Section("The rollout of a new version", (*ROLLOUT, *COURIER_ROLLOUT)),
    Section("The record of who read what", ACCESS_LOG),
    Section("Operators", OPERATORS),
    Section("What the stack says of itself", STACK_PARAMETER),
    Section("Everybody else", EVERYBODY),
    Section("The event stream: the processor", PROCESSOR, _EVENTS),
    Section("The event stream: the transformer", TRANSFORMER, _EVENTS),
    Section("The event stream: the compactor", COMPACTOR, _EVENTS),
    Section("The event stream: the recovery function", RECOVERY, _EVENTS),
    Section("The event stream: the sweeper", SWEEPER, _EVENTS),
    Section("The event stream: the way out of the network, if all other policies were lost", EGRESS, _EVENTS),
    Section("The event stream: producers", PRODUCERS, _EVENTS),
    Section("The event stream: the key", KEY, _EVENTS),
    Section("The event stream: who may become whom", EVENT_TRUST, _EVENTS),
    Section("The event stream: the copy in another region", REPLICATION, _EVENTS),
    Section("The event stream: rollouts", ROLLOUTS, _EVENTS),
    Section("The event stream: announcements", ANNOUNCEMENTS, _EVENTS),
    Section("The event stream: people, and everybody else", PEOPLE, _EVENTS),
    Section("The data lake: ingestion", INGESTION, _LAKE),
    Section("The data lake: curation", CURATION, _LAKE),
    Section("The data lake: the function behind the API", API, _LAKE),
    Section("The data lake: who may become whom", LAKE_TRUST, _LAKE),
    Section("The data lake: rollouts", LAKE_ROLLOUTS, _LAKE),
    Section("The data lake: announcements", LAKE_ANNOUNCEMENTS, _LAKE),
    Section("The data lake: the dashboard's bucket", SITE, _LAKE),
    Section("The data lake: people, and everybody else", LAKE_PEOPLE, _LAKE),
)
ROWS: Final = tuple(row for section in SECTIONS for row in section.rows)
