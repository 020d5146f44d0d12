// Reads YAML documents on standard input; fails for a field that the Prometheus operator's own types do not have.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"
)

var kinds = map[string]func() any{
	"ServiceMonitor": func() any { return &monitoringv1.ServiceMonitor{} },
	"PodMonitor":     func() any { return &monitoringv1.PodMonitor{} },
	"PrometheusRule": func() any { return &monitoringv1.PrometheusRule{} },
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	failed := false
	for _, document := range strings.Split(string(text), "\n---\n") {
		var head struct {
			Kind string `json:"kind"`
		}
		if err := yaml.Unmarshal([]byte(document), &head); err != nil {
			panic(err)
		}
		kind, known := kinds[head.Kind]
		if !known {
			fmt.Printf("%q: not one of the operator's kinds\n", head.Kind)
			failed = true
			continue
		}
		if err := yaml.UnmarshalStrict([]byte(document), kind()); err != nil {
			fmt.Printf("%s: %v\n", head.Kind, err)
			failed = true
			continue
		}
		fmt.Printf("%s: ok\n", head.Kind)
	}
	if failed {
		os.Exit(1)
	}
}
