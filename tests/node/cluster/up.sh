#!/bin/bash
# A real Kubernetes with one node on this host, without Docker: etcd, API server, controller manager, scheduler, containerd,
# kubelet, kube-proxy as plain processes, from binaries that `make tools` built. Pods really run.
#   K8S_BIN      folder with the binaries, .tools/bin by default
#   K8S_HOME     where state, keys, logs and images live, .tools/cluster by default; its images/*.tar are imported
# The API listens on the host-only address 10.250.0.1, added to lo. Sysctls, iptables chains, a bridge and cgroups of the host
# change; down.sh undoes that and ends what was started, by its ids. One cluster a machine. State is fresh each time.
set -euo pipefail
MODE=node
S=$(cd "$(dirname "$0")" && pwd); T=$(cd "$S/../../.." && pwd)/.tools; H=${K8S_HOME:-$T/cluster}; B=${K8S_BIN:-$T/bin}; R=$H/run; P=$R/pki; L=$R/log; KC=$R/kubeconfig
export PATH=$B:$H/debroot/usr/sbin:$H/debroot/usr/bin:$PATH
if [ "$MODE" = node ]; then IP=10.250.0.1; else IP=127.0.0.1; fi
PORT=${K8S_PORT:-16443}; ETCD=${K8S_ETCD:-12379}; ETCDP=$((ETCD+1)); KCM=${K8S_KCM:-11257}; SCH=${K8S_SCH:-11259}
SVC=10.96.0.0/16; POD=10.244.0.0/16; NODE=${K8S_NODE:-node1}
t0=$(date +%s.%N)
# Exit 3: nothing was changed. What an earlier run left when it was killed is taken away first.
. "$S/alive.inc"
for f in "$R"/pid/*.pid; do if [ -f "$f" ] && alive "$f"; then echo "this cluster runs already: $S/down.sh ends it"; exit 3; fi; done
if [ -f "$R/node.on" ] || [ -f "$R/lo.added" ]; then "$S/down.sh"; fi
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 3; }
for d in /var/lib/kubelet /var/lib/rancher/k3s; do [ ! -e $d ] || { echo "this host is a node of a Kubernetes already ($d): its network would be harmed"; exit 3; }; done
! ip link show cni-k8s0 >/dev/null 2>&1 || { echo "there is a bridge cni-k8s0 already: another cluster of these scripts runs"; exit 3; }
! ip addr show dev lo | grep -q "$IP/32" || { echo "$IP is taken: another cluster of these scripts runs"; exit 3; }
[ -d /sys/fs/cgroup/memory ] || { echo "cgroup v1 is needed: /sys/fs/cgroup/memory is not there"; exit 3; }
rm -rf $R/etcd $R/kubelet
mkdir -p $P $L $KC $R/pid $R/etcd $H/images; chmod 700 $R/etcd $P

# ---- PKI (one CA for everything; fine for a test cluster)
ca() { [ -f $P/ca.key ] || openssl req -x509 -newkey rsa:2048 -nodes -keyout $P/ca.key -out $P/ca.crt -days 365 -subj /CN=k8s-test-ca \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null; }
cert() { # name subject [san]
  [ -f $P/$1.crt ] && return 0
  openssl req -newkey rsa:2048 -nodes -keyout $P/$1.key -out $P/$1.csr -subj "$2" 2>/dev/null
  { echo keyUsage=critical,digitalSignature,keyEncipherment; echo extendedKeyUsage=serverAuth,clientAuth; [ -n "${3:-}" ] && echo subjectAltName=$3; true; } > $P/$1.ext
  openssl x509 -req -in $P/$1.csr -CA $P/ca.crt -CAkey $P/ca.key -CAcreateserial -days 365 -extfile $P/$1.ext -out $P/$1.crt 2>/dev/null; }
ca
cert apiserver /CN=kube-apiserver IP:127.0.0.1,IP:10.250.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local
cert admin /O=system:masters/CN=admin
cert kcm /CN=system:kube-controller-manager
cert sched /CN=system:kube-scheduler
cert proxy /CN=system:kube-proxy
cert front-proxy /CN=front-proxy-client
cert kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client
cert node /O=system:nodes/CN=system:node:$NODE IP:10.250.0.1,DNS:$NODE
[ -f $P/sa.key ] || { openssl genrsa -out $P/sa.key 2048 2>/dev/null; openssl rsa -in $P/sa.key -pubout -out $P/sa.pub 2>/dev/null; }
kc() { # file cert
cat > $1 <<Y
apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: "https://$IP:$PORT", certificate-authority-data: $(base64 -w0 $P/ca.crt)}}]
users: [{name: u, user: {client-certificate-data: $(base64 -w0 $P/$2.crt), client-key-data: $(base64 -w0 $P/$2.key)}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
Y
chmod 600 $1; }
kc $H/admin.kubeconfig admin; kc $KC/kcm kcm; kc $KC/sched sched; kc $KC/kubelet node; kc $KC/proxy proxy

run() { # name cmd...   (own session, so that the caller may exit; pid file for down.sh)
  local n=$1; shift; setsid "$@" > $L/$n.log 2>&1 < /dev/null & remember $! > $R/pid/$n.pid; }
waitfor() { # what seconds cmd...
  local w=$1 s=$2; shift 2; for i in $(seq $((s*5))); do "$@" >/dev/null 2>&1 && return 0; sleep .2; done
  echo "TIMEOUT waiting for $w; see $L"; exit 1; }
[ $IP = 127.0.0.1 ] || ip addr show dev lo | grep -q "$IP/32" || { ip addr add $IP/32 dev lo; touch $R/lo.added; }

# ---- etcd (fsync off: it is a test cluster)
cat > $R/etcd.yaml <<Y
name: default
data-dir: $R/etcd
listen-client-urls: http://127.0.0.1:$ETCD
advertise-client-urls: http://127.0.0.1:$ETCD
listen-peer-urls: http://127.0.0.1:$ETCDP
initial-advertise-peer-urls: http://127.0.0.1:$ETCDP
initial-cluster: default=http://127.0.0.1:$ETCDP
unsafe-no-fsync: true
logger: zap
log-level: warn
log-outputs: [stderr]
Y
run etcd "$(command -v etcd)" --config-file $R/etcd.yaml
waitfor etcd 30 curl -sf http://127.0.0.1:$ETCD/health

# ---- apiserver
EP="--endpoint-reconciler-type=none"; [ $IP = 127.0.0.1 ] || EP="--advertise-address=$IP"
run kube-apiserver $B/kube-apiserver --etcd-servers=http://127.0.0.1:$ETCD --bind-address=$IP --secure-port=$PORT $EP \
  --tls-cert-file=$P/apiserver.crt --tls-private-key-file=$P/apiserver.key --client-ca-file=$P/ca.crt \
  --authorization-mode=${AUTHZ:-Node,RBAC} --enable-admission-plugins=NodeRestriction --anonymous-auth=true \
  --service-account-issuer=https://kubernetes.default.svc.cluster.local --service-account-key-file=$P/sa.pub --service-account-signing-key-file=$P/sa.key \
  --service-cluster-ip-range=$SVC --allow-privileged=true --profiling=false \
  --kubelet-client-certificate=$P/kubelet-client.crt --kubelet-client-key=$P/kubelet-client.key --kubelet-certificate-authority=$P/ca.crt --kubelet-preferred-address-types=InternalIP \
  --requestheader-client-ca-file=$P/ca.crt --requestheader-allowed-names=front-proxy-client --requestheader-username-headers=X-Remote-User \
  --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- --proxy-client-cert-file=$P/front-proxy.crt --proxy-client-key-file=$P/front-proxy.key
export KUBECONFIG=$H/admin.kubeconfig
waitfor apiserver 90 kubectl get --raw /readyz
# ---- controller-manager, scheduler
run kube-controller-manager $B/kube-controller-manager --kubeconfig=$KC/kcm --authentication-kubeconfig=$KC/kcm --authorization-kubeconfig=$KC/kcm \
  --bind-address=127.0.0.1 --secure-port=$KCM --leader-elect=false --use-service-account-credentials=true --root-ca-file=$P/ca.crt \
  --flex-volume-plugin-dir=$R/flexvol --service-account-private-key-file=$P/sa.key --cluster-signing-cert-file=$P/ca.crt --cluster-signing-key-file=$P/ca.key \
  --controllers="${K8S_CONTROLLERS:-*}" --allocate-node-cidrs=true --cluster-cidr=$POD --service-cluster-ip-range=$SVC --profiling=false
run kube-scheduler $B/kube-scheduler --kubeconfig=$KC/sched --authentication-kubeconfig=$KC/sched --authorization-kubeconfig=$KC/sched \
  --bind-address=127.0.0.1 --secure-port=$SCH --leader-elect=false --profiling=false
waitfor "default service account" 60 kubectl -n default get serviceaccount default
waitfor "root CA configmap" 60 kubectl -n default get configmap kube-root-ca.crt

if [ "$MODE" = node ]; then "$S/parts.sh"; . "$S/node.inc"; fi
echo "UP in $(python3 -c "import time;print(round(time.time()-$t0,1))") s: export KUBECONFIG=$H/admin.kubeconfig ($(kubectl version 2>/dev/null | grep Server))"
