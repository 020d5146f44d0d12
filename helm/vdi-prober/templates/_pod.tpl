{{/* What the service's container and the one of `helm test` share. */}}
{{- define "vdi-prober.podSecurity" -}}
{{- $fixed := dict "runAsNonRoot" true "runAsUser" 65532 "runAsGroup" 65532 "fsGroup" 65532 "fsGroupChangePolicy" "OnRootMismatch" "seccompProfile" .Values.seccompProfile -}}
{{- toYaml (mustMergeOverwrite $fixed (deepCopy .Values.podSecurityContext)) -}}
{{- end -}}

{{- define "vdi-prober.containerSecurity" -}}
{{- $fixed := dict "allowPrivilegeEscalation" false "readOnlyRootFilesystem" true "capabilities" (dict "drop" (list "ALL")) -}}
{{- toYaml (mustMergeOverwrite $fixed (deepCopy .Values.securityContext)) -}}
{{- end -}}

{{- define "vdi-prober.environment" -}}
{{- range $name, $secret := .Values.secretEnv }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef: {{- toYaml $secret | nindent 6 }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "vdi-prober.mounts" -}}
- {name: config, mountPath: /etc/vdi-prober, readOnly: true}
- {name: state, mountPath: /var/lib/vdi-prober}
- {name: tmp, mountPath: /tmp}
- {name: shm, mountPath: /dev/shm}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "vdi-prober.volumes" -}}
- name: config
  configMap: {name: {{ include "vdi-prober.fullname" . }}}
- name: tmp
  emptyDir: {medium: Memory, sizeLimit: {{ .Values.memory.tmp }}}
- name: shm
  emptyDir: {medium: Memory, sizeLimit: {{ .Values.memory.shm }}}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "vdi-prober.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- end -}}
