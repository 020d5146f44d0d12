"""How objects come to be."""

from datetime import datetime

import pytest

from tests.contracts.kubernetes_api.cluster import Cluster, config_map, pod, session
from tests.contracts.kubernetes_api.server import Obj

EXTRA = {"user": "probe@example.com", "template": "ubuntu-desktop", "extra": 1}


class Creating:
    """What a new object has, and what it has not."""

    async def test_a_name_is_generated(self, cluster: Cluster) -> None:
        """A prefix gets five characters, and all that the server decides is there."""
        made = await cluster.server.made(cluster.sessions(), session(generateName="probe-"))
        metadata = made["metadata"]
        assert metadata["name"].startswith(metadata["generateName"])
        assert len(metadata["name"]) == len("probe-") + 5
        assert metadata["uid"]
        assert int(metadata["resourceVersion"]) > 0
        assert metadata["generation"] == 1
        assert datetime.fromisoformat(metadata["creationTimestamp"]).tzinfo is not None

    async def test_generated_names_differ(self, cluster: Cluster) -> None:
        """The same prefix never gives the same name."""
        made = [await cluster.server.made(cluster.sessions(), session(generateName="p-")) for _ in range(5)]
        assert len({one["metadata"]["name"] for one in made}) == 5

    async def test_a_long_prefix_is_cut(self, cluster: Cluster) -> None:
        """A generated name fits a DNS label."""
        made = await cluster.server.made(cluster.sessions(), session(generateName="a" * 253))
        assert len(made["metadata"]["name"]) == 63
        assert made["metadata"]["name"].startswith("a" * 58)

    async def test_a_longest_name_is_taken(self, cluster: Cluster) -> None:
        """A given name may be as long as a DNS subdomain, and no longer."""
        assert (await cluster.session("a" * 253))["metadata"]["name"] == "a" * 253
        refused = await cluster.server.call("POST", cluster.sessions(), session("a" * 254))
        assert refused.refusal == (422, "Invalid")
        assert refused.causes == {"metadata.name": "FieldValueInvalid"}

    async def test_defaults_are_filled_in(self, cluster: Cluster) -> None:
        """What the CRD's schema has a default for need not be sent."""
        made = await cluster.session()
        assert made["spec"]["timeout"] == "8h"
        assert made["spec"]["persistence"] == {"enabled": True}

    async def test_the_status_is_not_for_creators(self, cluster: Cluster) -> None:
        """A status in the body of a creation is dropped."""
        made = await cluster.server.made(cluster.sessions(), session("probe") | {"status": {"phase": "Running"}})
        assert "status" not in made

    async def test_what_the_server_decides_cannot_be_sent(self, cluster: Cluster) -> None:
        """Uid, generation and the time of creation are the server's, whatever the body says."""
        sent = {"uid": "mine", "generation": 7, "creationTimestamp": "2001-01-01T00:00:00Z"}
        made = await cluster.session("probe", **sent)
        assert {name: made["metadata"][name] for name in sent} != sent
        assert made["metadata"]["uid"] != "mine"
        assert made["metadata"]["generation"] == 1
        assert not made["metadata"]["creationTimestamp"].startswith("2001")

    async def test_empty_metadata_is_left_out(self, cluster: Cluster) -> None:
        """Empty lists and maps of the metadata do not come back."""
        made = await cluster.session("probe", labels={}, annotations=None, finalizers=[], ownerReferences=[])
        assert not {"labels", "annotations", "finalizers", "ownerReferences"} & set(made["metadata"])

    async def test_unknown_fields_are_dropped_with_a_warning(self, cluster: Cluster) -> None:
        """By default a field that the schema does not know is lost, and the answer says so."""
        reply = await cluster.server.call("POST", cluster.sessions(), session("probe", spec=EXTRA))
        assert reply.status == 201
        assert "extra" not in reply.body["spec"]
        assert reply.headers.getall("Warning") == [r'299 - "unknown field \"spec.extra\""']

    async def test_warnings_can_be_declined(self, cluster: Cluster) -> None:
        """Who does not care about unknown fields is not told of them."""
        ignoring = {"fieldValidation": "Ignore"}
        reply = await cluster.server.call("POST", cluster.sessions(), session("probe", spec=EXTRA), query=ignoring)
        assert reply.status == 201
        assert "Warning" not in reply.headers

    async def test_a_dry_run_keeps_nothing(self, cluster: Cluster) -> None:
        """With `dryRun` the answer is as if, and nothing is there."""
        dry = {"dryRun": "All"}
        reply = await cluster.server.call("POST", cluster.sessions(), session("probe"), query=dry)
        assert (reply.status, reply.body["spec"]["timeout"]) == (201, "8h")
        assert not await cluster.server.exists(cluster.sessions("probe"))

    @pytest.mark.parametrize(
        ("plural", "body"),
        [
            pytest.param("pods", pod(""), id="pods"),
            pytest.param("configmaps", config_map(""), id="configmaps"),
            pytest.param("secrets", {"stringData": {"a": "1"}}, id="secrets"),
        ],
    )
    async def test_built_in_kinds_work_alike(self, cluster: Cluster, plural: str, body: Obj) -> None:
        """Built-in objects get generated names, too, and come back as they were made."""
        made = await cluster.server.made(cluster.core(plural), body | {"metadata": {"generateName": "p-"}})
        path = cluster.core(plural, made["metadata"]["name"])
        assert (await cluster.server.call("GET", path)).body["metadata"]["uid"] == made["metadata"]["uid"]

    async def test_a_secrets_strings_are_encoded(self, cluster: Cluster) -> None:
        """`stringData` is for writing only."""
        secret = {"metadata": {"name": "s"}, "stringData": {"a": "x"}}
        made = await cluster.server.made(cluster.core("secrets"), secret)
        assert (made["data"], made["type"], "stringData" in made) == ({"a": "eA=="}, "Opaque", False)
