// Command kstatus reads Kubernetes objects as a JSON array from standard input and writes what kstatus computes of
// each, in the same order: [{"status": "Current", "message": "…"}, …]. Flux, kpt and `flux wait` go by it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type verdict struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "kstatus:", err)
		os.Exit(1)
	}
}

func run(from io.Reader, to io.Writer) error {
	var raw []json.RawMessage
	if err := json.NewDecoder(from).Decode(&raw); err != nil {
		return fmt.Errorf("standard input is no JSON array of objects: %w", err)
	}
	verdicts := make([]verdict, len(raw))
	for i, text := range raw {
		var object unstructured.Unstructured
		// Numbers become int64, as they are in a client; plain JSON decoding would make them floats.
		if err := object.UnmarshalJSON(text); err != nil {
			return fmt.Errorf("object %d: %w", i, err)
		}
		result, err := status.Compute(&object)
		if err != nil {
			return fmt.Errorf("object %d (%s %s): %w", i, object.GetKind(), object.GetName(), err)
		}
		verdicts[i] = verdict{result.Status.String(), result.Message}
	}
	return json.NewEncoder(to).Encode(verdicts)
}
