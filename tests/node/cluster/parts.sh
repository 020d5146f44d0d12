#!/bin/bash
# Unpacks containerd, runc, CNI plugins and iptables from the system's packages, without installing them, into
# $K8S_HOME/debroot, and makes the pause image. Needs Go and buildah; does nothing a second time.
set -euo pipefail
S=$(cd "$(dirname "$0")" && pwd); T=$(cd "$S/../../.." && pwd)/.tools; H=${K8S_HOME:-$T/cluster}; D=$H/debroot
mkdir -p "$D" "$H/dl" "$H/images"
packages="containerd runc containernetworking-plugins iptables libip4tc2 libip6tc2 libxtables12 libnftnl11 libnfnetlink0 libnetfilter-conntrack3 conntrack socat ethtool"
if [ ! -x "$D/usr/bin/containerd" ]; then
  # shellcheck disable=SC2086 # a list of words
  (cd "$H/dl" && { apt-get download -qq $packages 2>/dev/null || { apt-get update -qq && apt-get download -qq $packages; }; })
  for d in "$H"/dl/*.deb; do dpkg -x "$d" "$D"; done
fi
if [ ! -f "$H/images/pause.tar" ]; then
  r=$(mktemp -d); (cd "$S/pause" && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$r/pause" .)
  printf 'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n' > "$r/Dockerfile"
  b() { buildah --root "$T/containers/store" --runroot "$T/containers/run" "$@"; }
  b bud -q --isolation chroot --format docker -t k8s.test/pause:1 "$r" >/dev/null
  b push -q k8s.test/pause:1 "docker-archive:$H/images/pause.tar:k8s.test/pause:1"; rm -rf "$r"
fi
