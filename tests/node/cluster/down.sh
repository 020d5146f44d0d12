#!/bin/bash
# Ends what up.sh started, by its ids alone, and undoes its changes of the host.
S=$(cd "$(dirname "$0")" && pwd); T=$(cd "$S/../../.." && pwd)/.tools; H=${K8S_HOME:-$T/cluster}; B=${K8S_BIN:-$T/bin}; R=$H/run; export PATH=$B:$H/debroot/usr/sbin:$H/debroot/usr/bin:$PATH
. "$S/alive.inc"
stop() { local f=$R/pid/$1.pid p; [ -f $f ] || return 0; read -r p _ < $f; alive $f && kill $p 2>/dev/null
  for i in $(seq ${2:-50}); do alive $f || break; sleep .2; done; alive $f && kill -9 $p 2>/dev/null; rm -f $f; echo stopped $1; }
[ -f $R/node.on ] && . "$S/node-down.inc"
for n in kube-scheduler kube-controller-manager kube-apiserver etcd; do stop $n; done
[ -f $R/lo.added ] && ip addr del 10.250.0.1/32 dev lo && rm -f $R/lo.added
exit 0
