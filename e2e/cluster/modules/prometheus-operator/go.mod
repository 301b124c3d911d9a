// Definitions of ServiceMonitor, PodMonitor and PrometheusRule, for the tests of the chart: read from the module, not built.
module hirag.dev/e2e/cluster/prometheus-operator

go 1.24.0

require github.com/prometheus-operator/prometheus-operator v0.85.0
