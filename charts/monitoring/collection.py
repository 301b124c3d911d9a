"""The dashboard of one ContextCollection: its state, what it holds, and what it stands on."""

from charts.monitoring.dashboard import Dashboard, Row, Variable
from charts.monitoring.panels import AMBER, BLUE, GREEN, RED, Query, series, stat, table

CHOSEN = 'namespace="$namespace", name="$name"'
OBJECT = f'kind="ContextCollection", {CHOSEN}'
INFO = f"hirag_operator_collection_info{{{CHOSEN}}}"
SINCE = "hirag_operator_object_condition_false_timestamp_seconds"

IS_IT_FINE = Row(
    "Is it fine?",
    [
        stat(
            "Ready",
            "Yes when it does what its present spec says.",
            f"max(hirag_operator_object_ready{{{OBJECT}}})",
            unit="bool_yes_no",
            steps=((None, RED), (1, GREEN)),
        ),
        stat(
            "Waits for a person",
            "Yes while it is Stalled: the table beside has the reason, and `kubectl describe` the remedy.",
            f"max(hirag_operator_object_stalled{{{OBJECT}}}) or vector(0)",
            unit="bool_yes_no",
            steps=((None, GREEN), (1, RED)),
        ),
        stat(
            "Levels waiting for a revision",
            "Levels whose change takes data copied or embedded anew, be it under way or not. The old revision serves.",
            f"count(max by (level) (hirag_operator_migration_pending{{{CHOSEN}}})) or vector(0)",
            steps=((None, GREEN), (1, AMBER)),
        ),
        stat(
            "Changed by hand",
            "Yes while something that another hand changed is left so (driftPolicy Warn).",
            f"max(hirag_operator_object_drifted{{{OBJECT}}}) or vector(0)",
            unit="bool_yes_no",
            steps=((None, GREEN), (1, AMBER)),
        ),
        stat(
            "Its model",
            "Whether the EmbeddingModel that it refers to is ready. Without it nothing new can be made or embedded.",
            'max(label_join(hirag_operator_object_ready{kind="EmbeddingModel"}, "model", "/", "namespace", "name")'
            f" and on (model) {INFO})",
            unit="bool_yes_no",
            steps=((None, RED), (1, GREEN)),
            none="not found",
        ),
        stat(
            "Its Weaviate",
            "Whether the server of its connection answers the operator.",
            "max(hirag_operator_weaviate_up and on (job, instance) (hirag_operator_leader == 1)"
            f" and on (connection) {INFO})",
            unit="bool_yes_no",
            steps=((None, RED), (1, GREEN)),
            none="not configured",
        ),
        table(
            "What does not hold, and since when",
            "Conditions that are False. Of Ready, why it is not; of others, what is amiss beside it.",
            Query(f"max by (condition, reason) ({SINCE}{{{OBJECT}}}) * 1000"),
            columns={"condition": "Condition", "reason": "Reason", "Value": "Since"},
            units={"Since": "dateTimeFromNow"},
        ),
        table(
            "How it is set up",
            "The Weaviate and the model that it uses, and the revision that serves.",
            Query(f"max by (connection, placement, model, revision) ({INFO})"),
            columns={"connection": "Weaviate", "placement": "Placement", "model": "Model", "revision": "Revision"},
        ),
    ],
)

WHAT_IS_IT_DOING = Row(
    "What does it hold, and what happens to it?",
    [
        series(
            "Passages",
            "Objects of each level, as last counted. Tenants that rest on disk keep their last count.",
            Query(f"max by (level) (hirag_operator_collection_objects{{{CHOSEN}}})", "{{level}}"),
            unit="short",
        ),
        series(
            "Tenants",
            "Tenants of each level by state. `undeclared` are neither declared nor selected and are left alone.",
            Query(f"max by (level, state) (hirag_operator_collection_tenants{{{CHOSEN}}})", "{{level}} {{state}}"),
            unit="short",
            stacked=True,
        ),
        table(
            "Schedules",
            "When each last ran, and whether that run failed.",
            Query(f"max by (schedule) (hirag_operator_job_started_timestamp_seconds{{{CHOSEN}}}) * 1000"),
            Query(f"max by (schedule) (hirag_operator_job_failing{{{CHOSEN}}})"),
            columns={"schedule": "Schedule", "Value #A": "Last run", "Value #B": "Failed"},
            units={"Last run": "dateTimeFromNow", "Failed": "bool_yes_no"},
            width=8,
        ),
    ],
)

HOW_FAR = Row(
    "How far is its migration?",
    [
        table(
            "Where it is",
            "The step of each level. Awaiting… and Failed wait for a person. Soaking or Kept: the previous"
            " revision is there too.",
            Query(f"max by (level, phase) (hirag_operator_migration_phase{{{CHOSEN}}})"),
            columns={"level": "Level", "phase": "Step"},
            width=8,
        ),
        series(
            "Objects carried",
            "How many are on the new revision, of how many. The old one serves until both are alike.",
            Query(f"max by (level) (hirag_operator_migration_objects_done{{{CHOSEN}}})", "{{level}}"),
            Query(f"max by (level) (hirag_operator_migration_objects{{{CHOSEN}}})", "{{level}} in all"),
            unit="short",
        ),
        series(
            "Objects a second",
            "How fast they are copied, or embedded anew. Weaviate's own indexing sets the pace of a copy.",
            Query(f"max by (level) (hirag_operator_migration_objects_per_second{{{CHOSEN}}})", "{{level}}"),
            unit="ops",
        ),
        stat(
            "Recall of the new index",
            "Against exact search, over a sample, before it takes over: the least of all levels. Held against"
            " migration.verify.minRecall.",
            f"min(hirag_operator_migration_recall{{{CHOSEN}}})",
            unit="percentunit",
            steps=((None, RED), (0.9, AMBER), (0.95, GREEN)),
            none="not measured",
            width=8,
        ),
    ],
)

WHAT_DOES_IT_FIND = Row(
    "What do its indexes find, and how fast?",
    [
        series(
            "Recall",
            "Against exact search, over a sample, as last measured: where the index policy has objectives.",
            Query(f"max by (level) (hirag_operator_index_recall{{{CHOSEN}}})", "{{level}}"),
            unit="percentunit",
        ),
        series(
            "Searches (95th percentile)",
            "On the server, as last measured.",
            Query(f"max by (level) (hirag_operator_index_p95_seconds{{{CHOSEN}}})", "{{level}}"),
            unit="s",
        ),
        series(
            "Memory",
            "Of vectors and graph, by an estimate when it was measured, and the limit of the policy.",
            Query(f"max by (level) (hirag_operator_index_memory_bytes{{{CHOSEN}}})", "{{level}}"),
            Query(f"max by (level) (hirag_operator_index_memory_limit_bytes{{{CHOSEN}}})", "{{level}} limit"),
            unit="bytes",
        ),
        table(
            "ef, and when it was measured",
            "Candidates that a search considers; -1: they follow the query.",
            Query(f"max by (level) (hirag_operator_index_ef{{{CHOSEN}}})"),
            Query(f"max by (level) (hirag_operator_index_measured_timestamp_seconds{{{CHOSEN}}}) * 1000"),
            columns={"level": "Level", "Value #A": "ef", "Value #B": "Measured"},
            units={"Measured": "dateTimeFromNow"},
            width=8,
        ),
    ],
)

WHY_NOT = Row(
    "Why not?",
    [
        table(
            "What its model complains of",
            "Conditions of its EmbeddingModel that are False, and since when.",
            Query(
                f'max by (model, condition, reason) (label_join({SINCE}{{kind="EmbeddingModel"}}, "model", "/",'
                f' "namespace", "name") and on (model) {INFO}) * 1000'
            ),
            columns={"model": "Model", "condition": "Condition", "reason": "Reason", "Value": "Since"},
            units={"Since": "dateTimeFromNow"},
        ),
        series(
            "Calls to Weaviate (95th percentile)",
            "Latency of what the operator asks of all its Weaviate servers, by operation.",
            Query(
                "histogram_quantile(0.95, sum by (operation, le)"
                ' (rate(hirag_operator_call_seconds_bucket{server="weaviate"}[$__rate_interval])))',
                "{{operation}}",
            ),
            unit="s",
            width=12,
        ),
        stat(
            "On its way out",
            "Since when its deletion has been asked for. Its data could not be removed yet, or it is paused.",
            f"max(hirag_operator_object_deletion_timestamp_seconds{{{OBJECT}}}) * 1000",
            unit="dateTimeFromNow",
            steps=((None, BLUE),),
            none="no",
            width=12,
        ),
        stat(
            "Oldest collection in the queue",
            "How long the ContextCollection that waits longest for a worker has been due.",
            'max(hirag_operator_queue_age_seconds{kind="ContextCollection"}'
            " and on (job, instance) (hirag_operator_leader == 1))",
            unit="s",
            steps=((None, GREEN), (60, AMBER), (300, RED)),
            width=12,
        ),
    ],
)

COLLECTION = Dashboard(
    uid="hirag-collection",
    title="HiRAG / Collection",
    tells="One ContextCollection: whether it is fine, what it holds, and what it stands on.",
    variables=(
        Variable("namespace", "namespace", "hirag_operator_collection_info", "Namespace"),
        Variable("name", "name", 'hirag_operator_collection_info{namespace="$namespace"}', "Collection"),
    ),
    rows=(IS_IT_FINE, WHAT_IS_IT_DOING, WHAT_DOES_IT_FIND, HOW_FAR, WHY_NOT),
)
