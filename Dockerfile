# The image of vdi-prober: Python and Chromium come from the base's own packages, so that their security fixes come with
# the base. Built with any builder that reads Dockerfiles; docs/image.md tells how, and what was measured.
ARG BASE_IMAGE=docker.io/library/debian:bookworm-slim

# --- What is built: a virtual environment of the pinned dependencies and the prober; nothing else leaves this stage.
FROM ${BASE_IMAGE} AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# The base decides the versions, on purpose; DL3008 asks for pins that its mirrors drop at the next fix.
# hadolint ignore=DL3008
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates python3 python3-venv
WORKDIR /src
COPY requirements/image.txt requirements/build.txt requirements/
# The secret is a certificate authority for the package index, where the builder's network needs one of its own.
RUN --mount=type=secret,id=authority,target=/run/secrets/authority.crt,required=false \
    python3 -m venv /opt/build && python3 -m venv --without-pip /opt/vdi-prober \
    && if [ -s /run/secrets/authority.crt ]; then export PIP_CERT=/run/secrets/authority.crt; fi \
    && pip=(/opt/build/bin/pip --disable-pip-version-check --no-cache-dir -q) \
    && "${pip[@]}" install --require-hashes -r requirements/build.txt \
    && "${pip[@]}" --python /opt/vdi-prober/bin/python install --no-compile --only-binary :all: --require-hashes -r requirements/image.txt
COPY pyproject.toml README.md LICENSE ./
COPY prober prober
# The lab is for tests and demonstrations; its packages are not here either, and `prober lab` says so.
RUN rm -rf prober/lab \
    && pip=(/opt/build/bin/pip --disable-pip-version-check --no-cache-dir -q) \
    && "${pip[@]}" wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheels . \
    && "${pip[@]}" --python /opt/vdi-prober/bin/python install --no-compile --no-deps --no-index /wheels/*.whl \
    && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/vdi-prober/lib

# --- What is shipped.
FROM ${BASE_IMAGE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="vdi-prober" \
      org.opencontainers.image.description="Synthetic monitor for Kubernetes VDI platforms" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/vdi-prober/vdi-prober" \
      org.opencontainers.image.documentation="https://github.com/vdi-prober/vdi-prober/tree/main/docs" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# tini reaps what the browser leaves; a font, for pages are looked at; libatomic1 is what Playwright's driver wants. Time
# zones come with the dependencies.
# The interpreter's own bytecode is compiled anew, since a builder that sets files' times makes it stale: each start would
# compile it again. There is no GPU here: Chromium draws by its own SwiftShader, so Mesa's drivers and their compiler (185 MB) go.
# hadolint ignore=DL3008
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates chromium-headless-shell fonts-dejavu-core libatomic1 python3 tini \
    && apt-get clean \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/debconf/*-old /var/cache/ldconfig /var/log/* \
        /usr/share/man /usr/share/locale /usr/share/lintian /usr/share/info \
        /usr/lib/*/dri /usr/lib/*/libLLVM-*.so* /usr/lib/*/libz3.so* \
        /usr/lib/chromium/libVkLayer_khronos_validation.so /usr/lib/chromium/libVkICD_mock_icd.so \
    && find /usr/share/doc -type f ! -name copyright -delete && find /usr/share/doc -empty -delete \
    && python3 -m compileall -q -f --invalidation-mode unchecked-hash /usr/lib/python3.11 /usr/lib/python3 \
    && mkdir -p /var/lib/vdi-prober && chown 65532:65532 /var/lib/vdi-prober
COPY --from=build /opt/vdi-prober /opt/vdi-prober
# HOME is where Chromium and fontconfig want to write; the chart mounts memory on /tmp and /dev/shm.
ENV PATH=/opt/vdi-prober/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PROBER_BROWSER=/usr/bin/chromium-headless-shell \
    PROBER_CONFIG=/etc/vdi-prober/prober.yaml
USER 65532:65532
WORKDIR /var/lib/vdi-prober
EXPOSE 9464
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9464/-/healthy', timeout=4)"]
ENTRYPOINT ["/usr/bin/tini", "--", "prober"]
CMD ["serve"]
