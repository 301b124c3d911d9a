"""The dashboard of embedding servers: whether they answer, what they compute, and what makes them slow."""

from charts.monitoring.dashboard import Dashboard, Row, Variable
from charts.monitoring.panels import AMBER, BLUE, GREEN, RED, Query, series, stat, table

RATE = "[$__rate_interval]"
CHOSEN = '{namespace=~"$namespace", pod=~"$pod"}'
FAILED = '{namespace=~"$namespace", pod=~"$pod", status=~"429|5.."}'
REQUESTS = f"sum(rate(hirag_embedder_requests_total{CHOSEN}{RATE}))"


def _quantile(quantile: float, metric: str, *labels: str) -> str:
    by = ", ".join((*labels, "le"))
    return f"histogram_quantile({quantile}, sum by ({by}) (rate({metric}_bucket{CHOSEN}{RATE})))"


IS_IT_FINE = Row(
    "Is it fine?",
    [
        stat(
            "Servers ready",
            "Servers whose model is loaded and was proved by a probe.",
            f"sum(hirag_embedder_ready{CHOSEN})",
            steps=((None, RED), (1, GREEN)),
            none="none",
        ),
        stat(
            "Servers not ready",
            "Servers that Prometheus can read and that do not serve yet: they load, or convert, their model.",
            f"count(hirag_embedder_ready{CHOSEN} == 0) or vector(0)",
            steps=((None, GREEN), (1, AMBER)),
        ),
        stat(
            "Requests that fail",
            "Share of answers 429 (the queue is full) and 5xx. Ingest tries again; a search by text fails.",
            f"(sum(rate(hirag_embedder_requests_total{FAILED}{RATE})) or vector(0)) / {REQUESTS}",
            unit="percentunit",
            steps=((None, GREEN), (0.001, AMBER), (0.05, RED)),
            none="no requests",
        ),
        stat(
            "Time to answer (95th percentile)",
            "Of all endpoints together. A search by text waits for one such answer.",
            _quantile(0.95, "hirag_embedder_request_seconds"),
            unit="s",
            steps=((None, GREEN), (1, AMBER), (5, RED)),
            none="no requests",
        ),
        stat(
            "Queue",
            "How full the queues are. A full one refuses requests.",
            f"sum(hirag_embedder_queue_texts{CHOSEN}) / sum(hirag_embedder_queue_capacity_texts{CHOSEN})",
            unit="percentunit",
            steps=((None, GREEN), (0.5, AMBER), (0.8, RED)),
        ),
        stat(
            "Texts a second",
            "Texts embedded, for writers and for searches.",
            f"sum(rate(hirag_embedder_texts_total{CHOSEN}{RATE}))",
            unit="cps",
            steps=((None, BLUE),),
        ),
    ],
)

WHAT_IS_IT_DOING = Row(
    "What is it doing?",
    [
        series(
            "Requests",
            "By endpoint and status. `/vectors` is Weaviate's, `/v1/embeddings` that of ingest and applications.",
            Query(
                f"sum by (endpoint, status) (rate(hirag_embedder_requests_total{CHOSEN}{RATE}))",
                "{{endpoint}} {{status}}",
            ),
            unit="reqps",
            stacked=True,
        ),
        series(
            "Texts",
            "By kind: passages are written, queries are searched by.",
            Query(f"sum by (input_type) (rate(hirag_embedder_texts_total{CHOSEN}{RATE}))", "{{input_type}}"),
            unit="cps",
            stacked=True,
        ),
        series(
            "Tokens",
            "Real tokens, and what was computed for them with padding.",
            Query(f"sum(rate(hirag_embedder_tokens_total{CHOSEN}{RATE}))", "real"),
            Query(f"sum(rate(hirag_embedder_padded_tokens_total{CHOSEN}{RATE}))", "with padding"),
            unit="cps",
        ),
        series(
            "Time to answer",
            "Median and 95th percentile by endpoint.",
            Query(_quantile(0.5, "hirag_embedder_request_seconds", "endpoint"), "{{endpoint}} median"),
            Query(_quantile(0.95, "hirag_embedder_request_seconds", "endpoint"), "{{endpoint}} 95th percentile"),
            unit="s",
            width=12,
        ),
        table(
            "What is served",
            "The model of each server. Replicas of one model must show the same.",
            Query(
                "max by (namespace, pod, model, revision, dimensions, precision, backend, device)"
                f" (hirag_embedder_model_info{CHOSEN})"
            ),
            columns={
                "namespace": "Namespace",
                "pod": "Pod",
                "model": "Model",
                "revision": "Revision",
                "dimensions": "Dimensions",
                "precision": "Precision",
                "backend": "Backend",
                "device": "Device",
            },
        ),
    ],
)

WHY_NOT = Row(
    "Why not?",
    [
        series(
            "Errors",
            "Failed requests by code. `RATE_LIMIT_EXCEEDED`: the queue is full.",
            Query(f"sum by (code) (rate(hirag_embedder_errors_total{CHOSEN}{RATE}))", "{{code}}"),
            unit="reqps",
            stacked=True,
        ),
        series(
            "Queue by server",
            "Texts that wait or are being computed. One server far above the others: requests are not spread.",
            Query(f"hirag_embedder_queue_texts{CHOSEN}", "{{pod}}"),
            unit="short",
        ),
        series(
            "Inference of a batch (95th percentile)",
            "Grows with the tokens of a batch, and when the container has fewer processors than it asks for.",
            Query(_quantile(0.95, "hirag_embedder_batch_seconds", "pod"), "{{pod}}"),
            unit="s",
        ),
        series(
            "Texts of a batch (median)",
            "Small batches under load: texts come one by one. Large ones let a single search wait.",
            Query(_quantile(0.5, "hirag_embedder_batch_texts"), "texts"),
            unit="short",
        ),
        series(
            "Tokens of a batch, padding included (median)",
            "How full batches are, of the BATCH_TOKENS that they may have.",
            Query(_quantile(0.5, "hirag_embedder_batch_padded_tokens"), "tokens"),
            unit="short",
        ),
        series(
            "Padding (95th percentile)",
            "Computed over real tokens of a batch. Above 1.5 texts of very different lengths share batches.",
            Query(_quantile(0.95, "hirag_embedder_batch_padding_ratio"), "ratio"),
            unit="short",
            least=1,
        ),
        series(
            "Texts cut off",
            "Texts longer than the model reads: their ends are not embedded. Lower chunking.maxTokens.",
            Query(f"sum(rate(hirag_embedder_truncated_texts_total{CHOSEN}{RATE}))", "texts"),
            unit="cps",
        ),
        series(
            "Memory",
            "Resident memory of each server. It should stay flat once the model is loaded.",
            Query(f"process_resident_memory_bytes{CHOSEN} and on (job, instance) hirag_embedder_ready", "{{pod}}"),
            unit="bytes",
        ),
        series(
            "Processor",
            "Cores that each server uses.",
            Query(
                f"rate(process_cpu_seconds_total{CHOSEN}{RATE}) and on (job, instance) hirag_embedder_ready", "{{pod}}"
            ),
            unit="short",
        ),
    ],
)

EMBEDDER = Dashboard(
    uid="hirag-embedder",
    title="HiRAG / Embedder",
    tells="Embedding servers: whether they answer, what they compute, and what makes them slow.",
    variables=(
        Variable("namespace", "namespace", "hirag_embedder_ready", "Namespace", everything=True),
        Variable("pod", "pod", 'hirag_embedder_ready{namespace=~"$namespace"}', "Pod", everything=True),
    ),
    rows=(IS_IT_FINE, WHAT_IS_IT_DOING, WHY_NOT),
)
