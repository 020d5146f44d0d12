{{/* Names, labels, the image: the usual ones. */}}
{{- define "vdi-prober.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "vdi-prober.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "vdi-prober.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "vdi-prober.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "vdi-prober.selector" -}}
app.kubernetes.io/name: {{ include "vdi-prober.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Those of the service's Pod, not of the one of `helm test`. */}}
{{- define "vdi-prober.service" -}}
{{ include "vdi-prober.selector" . }}
app.kubernetes.io/component: service
{{- end -}}

{{- define "vdi-prober.labels" -}}
{{ include "vdi-prober.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "vdi-prober.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "vdi-prober.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "vdi-prober.image" -}}
{{- $registry := default .Values.image.registry .Values.global.imageRegistry -}}
{{- $name := .Values.image.repository -}}
{{- if $registry }}{{- $name = printf "%s/%s" (trimSuffix "/" $registry) $name }}{{- end -}}
{{- $name = printf "%s:%s" $name (default .Chart.AppVersion .Values.image.tag) -}}
{{- if .Values.image.digest }}{{- $name = printf "%s@%s" $name .Values.image.digest }}{{- end -}}
{{- $name -}}
{{- end -}}

{{/* The configuration file, as the ConfigMap has it. */}}
{{- define "vdi-prober.config" -}}
{{- if not (and .Values.config.clusters .Values.config.targets) -}}
{{- fail "config.clusters and config.targets are needed: what to probe, and where. See ci/minimal-values.yaml in the chart's source, or docs/helm.md" -}}
{{- end -}}
{{- $web := default (dict) .Values.config.web -}}
{{- if not (regexMatch "^(\\[[0-9a-fA-F:.]+\\]|[^:\\[\\]/ ]+):[0-9]+$" (default "" $web.listen)) -}}
{{- fail (printf "config.web.listen is %v, which is no address with a port: write 0.0.0.0:9464 or [::]:9464" $web.listen) -}}
{{- end -}}
{{- range .Values.config.targets -}}
{{- $target := mustMergeOverwrite (deepCopy (default (dict) $.Values.config.defaults)) (deepCopy .) -}}
{{- if not (hasKey $.Values.config.clusters $target.session.cluster) -}}
{{- fail (printf "target %s is in cluster %s, which config.clusters does not have" $target.name $target.session.cluster) -}}
{{- end -}}
{{- end -}}
{{- $host := regexReplaceAll ":[0-9]+$" .Values.config.web.listen "" -}}
{{- if has $host (list "127.0.0.1" "localhost" "[::1]") -}}
{{- fail (printf "config.web.listen is %s, where neither kubelet nor Prometheus can reach it: write 0.0.0.0:9464 or [::]:9464" .Values.config.web.listen) -}}
{{- end -}}
{{- toYaml .Values.config -}}
{{- end -}}

{{- define "vdi-prober.port" -}}
{{- regexFind "[0-9]+$" .Values.config.web.listen -}}
{{- end -}}

{{/* Seconds of a duration such as 2m or 1m30s. */}}
{{- define "vdi-prober.seconds" -}}
{{- $seconds := 0.0 -}}
{{- range regexFindAll "[0-9.]+(ms|h|m|s)" . -1 -}}
{{- $number := regexFind "^[0-9.]+" . | float64 -}}
{{- $unit := trimPrefix (regexFind "^[0-9.]+" .) . -}}
{{- $seconds = addf $seconds (mulf $number (get (dict "h" 3600.0 "m" 60.0 "s" 1.0 "ms" 0.001) $unit)) -}}
{{- end -}}
{{- ceil $seconds | int -}}
{{- end -}}

{{/* The targets with their defaults, those of clusters that the Pod is in alone: {"targets": [...]}. */}}
{{- define "vdi-prober.local" -}}
{{- $local := list -}}
{{- range .Values.config.targets -}}
{{- $target := mustMergeOverwrite (deepCopy (default (dict) $.Values.config.defaults)) (deepCopy .) -}}
{{- $cluster := get $.Values.config.clusters $target.session.cluster -}}
{{- if and $cluster (get $cluster "in_cluster") }}{{- $local = append $local $target }}{{- end -}}
{{- end -}}
{{- toYaml (dict "targets" $local) -}}
{{- end -}}

{{/* The name of a cluster that the Pod is in, empty where there is none. */}}
{{- define "vdi-prober.inCluster" -}}
{{- range $name, $cluster := .Values.config.clusters -}}
{{- if get $cluster "in_cluster" }}{{ $name }} {{ end -}}
{{- end -}}
{{- end -}}

{{/* The rules of Roles by namespace: {"namespaces": {name: [rule...]}}. What a session needs, and objects by name. */}}
{{- define "vdi-prober.rules" -}}
{{- $permissions := .Files.Get "files/permissions.yaml" | fromYaml -}}
{{- $inside := splitList " " (include "vdi-prober.inCluster" .) -}}
{{- $namespaces := dict -}}
{{- range $target := (include "vdi-prober.local" . | fromYaml).targets -}}
{{- $namespace := $target.session.namespace -}}
{{- $rules := default (list) (get $namespaces $namespace) -}}
{{- $features := list "runs" -}}
{{- $shape := default (dict) (get (get $.Values.config.clusters $target.session.cluster) "platform") -}}
{{- $platform := or $shape.sessions $shape.templates $shape.children -}}
{{- if and $platform (not $.Values.rbac.extraRules) -}}
{{- fail (printf "cluster %s has a platform of its own, whose kinds this chart does not know: grant them with rbac.extraRules, which then are all that is granted" $target.session.cluster) -}}
{{- end -}}
{{- if $.Values.rbac.cleanup }}{{- $features = append $features "cleanup" }}{{- end -}}
{{- $evidence := default (dict) $target.evidence -}}
{{- if $.Values.rbac.evidence -}}
{{- range $feature, $_ := $permissions -}}
{{- $source := trimPrefix "evidence." $feature -}}
{{- if and (hasPrefix "evidence." $feature) (not (has $source (list "secrets" "leases" "nodes"))) -}}
{{- if or (not (hasKey $evidence "sources")) (has $source $evidence.sources) }}{{- $features = append $features $feature }}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if not $platform -}}
{{- range $feature := $features }}{{- $rules = concat $rules (get $permissions $feature) }}{{- end -}}
{{- end -}}
{{- $rules = concat $rules $.Values.rbac.extraRules -}}
{{- if and $.Values.rbac.evidence $evidence.secrets -}}
{{- $named := deepCopy (first (index $permissions "evidence.secrets")) -}}
{{- $patterns := false -}}
{{- range $evidence.secrets }}{{- if contains "{session}" . }}{{- $patterns = true }}{{- end }}{{- end -}}
{{- if not $patterns }}{{- $_ := set $named "resourceNames" $evidence.secrets }}{{- end -}}
{{- $rules = append $rules $named -}}
{{- end -}}
{{- $_ := set $namespaces $namespace ($rules | uniq) -}}
{{- if $.Values.rbac.evidence -}}
{{- range $lease := default (list) $evidence.leases -}}
{{- $named := mustMergeOverwrite (deepCopy (first (index $permissions "evidence.leases"))) (dict "resourceNames" (list $lease.name)) -}}
{{- $_ := set $namespaces $lease.namespace (append (default (list) (get $namespaces $lease.namespace)) $named | uniq) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $target := .Values.config.targets -}}
{{- $merged := mustMergeOverwrite (deepCopy (default (dict) $.Values.config.defaults)) (deepCopy $target) -}}
{{- $own := dig "access" "basic" "password" (dict) $target -}}
{{- $secret := dig "access" "basic" "password" "kubernetes_secret" (dict) $merged -}}
{{- /* As the prober lays defaults under targets: another choice, or an empty mapping, replaces. */ -}}
{{- if or (and $own (not (hasKey $own "kubernetes_secret"))) (and (hasKey $target "access") (empty $target.access)) }}{{- $secret = dict }}{{- end -}}
{{- if $secret -}}
{{- $cluster := default $merged.session.cluster $secret.cluster -}}
{{- if has $cluster $inside -}}
{{- $namespace := default $merged.session.namespace $secret.namespace -}}
{{- $named := mustMergeOverwrite (deepCopy (first (index $permissions "secret_references"))) (dict "resourceNames" (list $secret.name)) -}}
{{- $_ := set $namespaces $namespace (append (default (list) (get $namespaces $namespace)) $named | uniq) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "namespaces" $namespaces) -}}
{{- end -}}
