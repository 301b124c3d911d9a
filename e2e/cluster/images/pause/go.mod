// The container that holds a pod's namespaces open.
module hirag.dev/e2e/cluster/images/pause

go 1.25.0
