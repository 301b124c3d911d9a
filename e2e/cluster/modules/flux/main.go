// Command flux-strict reads Kubernetes objects as a JSON array from standard input and decodes each of them into
// Flux's own Go type. It ends with 1 and names the object and the field where one has an unknown field, a wrong type,
// or is of a kind that is not known here.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	helm "github.com/fluxcd/helm-controller/api/v2"
	kustomize "github.com/fluxcd/kustomize-controller/api/v1"
	source "github.com/fluxcd/source-controller/api/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

// kinds gives an empty object of each kind that the examples may have.
var kinds = map[schema.GroupVersionKind]func() any{
	kustomize.GroupVersion.WithKind(kustomize.KustomizationKind): func() any { return &kustomize.Kustomization{} },
	helm.GroupVersion.WithKind(helm.HelmReleaseKind):             func() any { return &helm.HelmRelease{} },
	source.GroupVersion.WithKind(source.GitRepositoryKind):       func() any { return &source.GitRepository{} },
	source.GroupVersion.WithKind(source.OCIRepositoryKind):       func() any { return &source.OCIRepository{} },
	source.GroupVersion.WithKind(source.HelmRepositoryKind):      func() any { return &source.HelmRepository{} },
}

func main() {
	if err := run(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "flux-strict:", err)
		os.Exit(1)
	}
}

func run(from io.Reader) error {
	var raw []json.RawMessage
	if err := json.NewDecoder(from).Decode(&raw); err != nil {
		return fmt.Errorf("standard input is no JSON array of objects: %w", err)
	}
	for i, text := range raw {
		var header metav1.PartialObjectMetadata
		if err := json.Unmarshal(text, &header); err != nil {
			return fmt.Errorf("object %d: %w", i, err)
		}
		empty, known := kinds[header.GroupVersionKind()]
		if !known {
			return fmt.Errorf("object %d: %s is no kind that is known here", i, header.GroupVersionKind())
		}
		if err := yaml.UnmarshalStrict(text, empty()); err != nil {
			return fmt.Errorf("object %d (%s %s): %w", i, header.Kind, header.Name, err)
		}
	}
	return nil
}
