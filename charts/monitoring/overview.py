"""The dashboard that somebody on call opens first: all objects, and the operator itself."""

from charts.monitoring.dashboard import Dashboard, Row
from charts.monitoring.panels import AMBER, BLUE, GREEN, RED, Query, series, stat, table

RATE = "[$__rate_interval]"
# Every replica tells of all objects, from the same API server: each is taken once.
READY = "max by (kind, namespace, name) (hirag_operator_object_ready)"
# Process metrics have names that every program uses: only those of our targets count.
OURS = "and on (job, instance) hirag_operator_build_info"
LEADING = "and on (job, instance) (hirag_operator_leader == 1)"
NONE_IS_WELL = ((None, GREEN), (1, RED))

IS_IT_FINE = Row(
    "Is it fine?",
    [
        stat(
            "One replica acts",
            "Yes when exactly one leads, in each installation. With none nothing is made, changed or put right.",
            "min(sum by (job, namespace) (hirag_operator_leader) == bool 1) or vector(0)",
            unit="bool_yes_no",
            steps=((None, RED), (1, GREEN)),
        ),
        stat(
            "Objects ready",
            "Share of all objects whose Ready is True of their present spec. Paused objects are not ready.",
            f"avg({READY})",
            unit="percentunit",
            steps=((None, RED), (0.9, AMBER), (1, GREEN)),
            none="no objects",
        ),
        stat(
            "Waiting for a person",
            "Objects that are Stalled: the operator cannot go on without a change. The table below has the reasons.",
            "count(max by (kind, namespace, name) (hirag_operator_object_stalled)) or vector(0)",
            steps=NONE_IS_WELL,
        ),
        stat(
            "Weaviate servers down",
            "Connections whose server does not answer the leading operator. What exists there is left as it is.",
            f"count(max by (job, namespace, connection) (hirag_operator_weaviate_up {LEADING}) == 0) or vector(0)",
            steps=NONE_IS_WELL,
        ),
        stat(
            "Schedules failing",
            "Summarizations and compactions whose last run failed.",
            "count(max by (namespace, name, schedule) (hirag_operator_job_failing) == 1) or vector(0)",
            steps=NONE_IS_WELL,
        ),
        stat(
            "Oldest in the queue",
            "How long the object that waits longest has been due. More than minutes: the operator does not keep up.",
            f"max(hirag_operator_queue_age_seconds {LEADING})",
            unit="s",
            steps=((None, GREEN), (60, AMBER), (300, RED)),
        ),
        table(
            "What waits for a person",
            "Stalled objects. `kubectl describe` shows the message, which names the field and the remedy.",
            Query("max by (kind, namespace, name, reason) (hirag_operator_object_stalled)"),
            columns={"kind": "Kind", "namespace": "Namespace", "name": "Name", "reason": "Reason"},
        ),
        table(
            "What does not hold, and since when",
            "Conditions that are False: of Ready, why an object is not; of others, what is amiss beside it.",
            Query(
                "max by (kind, namespace, name, condition, reason) "
                "(hirag_operator_object_condition_false_timestamp_seconds) * 1000"
            ),
            columns={
                "kind": "Kind",
                "namespace": "Namespace",
                "name": "Name",
                "condition": "Condition",
                "reason": "Reason",
                "Value": "Since",
            },
            units={"Since": "dateTimeFromNow"},
        ),
    ],
)

WHAT_IS_IT_DOING = Row(
    "What is it doing?",
    [
        series(
            "Reconciles",
            "How often objects are looked at, by outcome. `interrupted`: a server did not answer; `defect`: our own.",
            Query(f"sum by (result) (rate(hirag_operator_reconciles_total{RATE}))", "{{result}}"),
            unit="ops",
            stacked=True,
        ),
        series(
            "Changes made",
            "Steps applied in Weaviate and Kubernetes. At rest there are none; a steady rate is a fight.",
            Query(f"sum by (step) (rate(hirag_operator_steps_total{RATE})) > 0", "{{step}}"),
            unit="ops",
            stacked=True,
        ),
        series(
            "Objects waiting for a worker",
            "Depth of the queue of the leading operator. It should come back to 0.",
            Query(f"max by (kind) (hirag_operator_queue_depth {LEADING})", "{{kind}}"),
            unit="short",
        ),
        series(
            "Passages in the indexes",
            "Objects of all levels, as last counted, by the Weaviate that holds them.",
            Query(
                "sum by (connection) (max by (namespace, name, level) (hirag_operator_collection_objects)"
                " * on (namespace, name) group_left (connection)"
                " max by (namespace, name, connection) (hirag_operator_collection_info))",
                "{{connection}}",
            ),
            unit="short",
            stacked=True,
        ),
        series(
            "Objects by kind",
            "How many there are, and how many of them are ready.",
            Query(f"count by (kind) ({READY})", "{{kind}}"),
            Query(f"sum by (kind) ({READY})", "{{kind}} ready"),
            unit="short",
        ),
        table(
            "Levels that wait for a new revision",
            "Their spec or model asks for data to be copied (build) or embedded anew (embed). The old revision serves.",
            Query("max by (namespace, name, level, change_class) (hirag_operator_migration_pending)"),
            columns={"namespace": "Namespace", "name": "Name", "level": "Level", "change_class": "Takes"},
            width=8,
        ),
        table(
            "Migrations",
            "The step at which each is. Awaiting… and Failed wait for a person.",
            Query("max by (namespace, name, level, phase) (hirag_operator_migration_phase)"),
            columns={"namespace": "Namespace", "name": "Name", "level": "Level", "phase": "Step"},
            width=8,
        ),
        series(
            "Objects carried by migrations",
            "How many are copied or embedded anew a second, over all collections.",
            Query(
                "sum(max by (namespace, name, level) (hirag_operator_migration_objects_per_second)) or vector(0)",
                "a second",
            ),
            unit="ops",
        ),
    ],
)

WHY_NOT = Row(
    "Why not?",
    [
        series(
            "Time in the queue (95th percentile)",
            "Between an object falling due and its reconcile. It grows when workers wait for slow servers.",
            Query(
                f"histogram_quantile(0.95, sum by (kind, le) (rate(hirag_operator_queue_seconds_bucket{RATE})))",
                "{{kind}}",
            ),
            unit="s",
        ),
        series(
            "Duration of a reconcile (95th percentile)",
            "At rest milliseconds. Long ones wait for a server: compare with the calls.",
            Query(
                f"histogram_quantile(0.95, sum by (kind, le) (rate(hirag_operator_reconcile_seconds_bucket{RATE})))",
                "{{kind}}",
            ),
            unit="s",
        ),
        series(
            "Calls to other servers (95th percentile)",
            "Latency as the operator sees it.",
            Query(
                f"histogram_quantile(0.95, sum by (server, le) (rate(hirag_operator_call_seconds_bucket{RATE})))",
                "{{server}}",
            ),
            unit="s",
        ),
        series(
            "Weaviate answers",
            "1 while the server of a connection answers.",
            Query(f"max by (job, namespace, connection) (hirag_operator_weaviate_up {LEADING})", "{{connection}}"),
            unit="short",
            most=1,
        ),
        series(
            "Changes that were not taken",
            "Steps that a server refused or did not answer, by what they were to do. The log has its words.",
            Query(f"sum by (step) (rate(hirag_operator_failed_steps_total{RATE})) > 0", "{{step}}"),
            unit="ops",
            stacked=True,
        ),
        series(
            "Silence of the API server",
            "Since when nothing was heard of a kind, of the replica that hears least. Bookmarks come every minute.",
            Query("max by (kind) (hirag_operator_watch_age_seconds)", "{{kind}}"),
            unit="s",
        ),
        series(
            "Calls by operation",
            "What the operator asks of whom. A rate that grows with nothing to do is a defect.",
            Query(
                f"sum by (server, operation) (rate(hirag_operator_call_seconds_count{RATE})) > 0",
                "{{server}} {{operation}}",
            ),
            unit="reqps",
            stacked=True,
        ),
        series(
            "Memory",
            "Resident memory of each replica.",
            Query(f"process_resident_memory_bytes {OURS}", "{{instance}}"),
            unit="bytes",
        ),
        series(
            "Processor",
            "Cores that each replica uses. A thousand collections at rest take less than a hundredth of one.",
            Query(f"rate(process_cpu_seconds_total{RATE}) {OURS}", "{{instance}}"),
            unit="short",
        ),
        table(
            "Replicas",
            "What runs, and which of them leads.",
            Query("hirag_operator_build_info * on (job, instance) group_left () hirag_operator_leader"),
            columns={"instance": "Replica", "version": "Version", "python_version": "Python", "Value": "Leads"},
            units={"Leads": "bool_yes_no"},
        ),
        stat(
            "Started",
            "When the youngest replica started. Often: see why it ends.",
            f"max(process_start_time_seconds {OURS}) * 1000",
            unit="dateTimeFromNow",
            steps=((None, BLUE),),
            width=12,
        ),
    ],
)

OVERVIEW = Dashboard(
    uid="hirag-overview",
    title="HiRAG / Overview",
    tells="Whether the HiRAG operator and all that it looks after are fine, what they do, and what holds them up.",
    variables=(),
    rows=(IS_IT_FINE, WHAT_IS_IT_DOING, WHY_NOT),
)
