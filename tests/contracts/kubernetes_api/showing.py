"""What tools see: tables, metadata alone, discovery, logs."""

import pytest

from tests.contracts.kubernetes_api.cluster import Cluster, config_map, pod
from tests.contracts.kubernetes_api.server import TABLE

METADATA = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"
METADATA_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
HEADINGS = ["Name", "User", "Template", "Phase", "URL", "Age"]


class Showing:
    """What kubectl shows."""

    async def test_a_list_as_a_table(self, cluster: Cluster) -> None:
        """The CRD's columns, one row an object, with its metadata; what is absent is null."""
        await cluster.session()
        table = (await cluster.server.call("GET", cluster.sessions(), accept=TABLE)).body
        assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
        assert table["metadata"]["resourceVersion"]
        assert [column["name"] for column in table["columnDefinitions"]] == HEADINGS
        assert table["columnDefinitions"][0]["format"] == "name"
        row = table["rows"][0]
        assert row["cells"][:5] == ["probe", "probe@example.com", "ubuntu-desktop", None, None]
        assert row["cells"][5].endswith("s")
        assert (row["object"]["kind"], row["object"]["metadata"]["name"]) == ("PartialObjectMetadata", "probe")

    async def test_an_object_as_a_table(self, cluster: Cluster) -> None:
        """One object is a table of one row, with the status that it has by now."""
        await cluster.session()
        await cluster.server.patched(f"{cluster.sessions('probe')}/status", {"status": {"phase": "Running"}})
        table = (await cluster.server.call("GET", cluster.sessions("probe"), accept=TABLE)).body
        assert [row["cells"][3] for row in table["rows"]] == ["Running"]

    async def test_built_in_kinds_as_tables(self, cluster: Cluster) -> None:
        """Built-in kinds have columns of their own."""
        await cluster.server.made(cluster.core("configmaps"), config_map())
        path = cluster.core("configmaps", "child")
        table = (await cluster.server.call("GET", path, accept=TABLE)).body
        assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
        assert table["rows"][0]["cells"][:2] == ["child", 1]

    async def test_tables_come_in_pages(self, cluster: Cluster) -> None:
        """A table knows its next page, as a list does."""
        for name in "ab":
            await cluster.session(name)
        table = (await cluster.server.call("GET", cluster.sessions(), query={"limit": "1"}, accept=TABLE)).body
        assert len(table["rows"]) == table["metadata"]["remainingItemCount"] == 1
        assert table["metadata"]["continue"]

    @pytest.mark.parametrize(
        ("include", "kind"), [("Object", "VDISession"), ("Metadata", "PartialObjectMetadata")], ids=str.lower
    )
    async def test_rows_carry_what_is_asked_for(self, cluster: Cluster, include: str, kind: str) -> None:
        """`includeObject` says how much of the object a row has."""
        await cluster.session()
        query = {"includeObject": include}
        table = (await cluster.server.call("GET", cluster.sessions(), query=query, accept=TABLE)).body
        assert table["rows"][0]["object"]["kind"] == kind

    async def test_metadata_alone(self, cluster: Cluster) -> None:
        """Who needs metadata only gets nothing else."""
        await cluster.session()
        one = (await cluster.server.call("GET", cluster.sessions("probe"), accept=METADATA)).body
        several = (await cluster.server.call("GET", cluster.sessions(), accept=METADATA_LIST)).body
        assert (one["kind"], "spec" in one) == ("PartialObjectMetadata", False)
        assert several["kind"] == "PartialObjectMetadataList"
        assert [item["metadata"]["name"] for item in several["items"]] == ["probe"]

    async def test_lists_of_typed_objects_do_not_repeat_the_type(self, cluster: Cluster) -> None:
        """Items of custom lists name their kind; items of built-in lists do not."""
        await cluster.session()
        await cluster.server.made(cluster.core("pods"), pod())
        custom = (await cluster.server.listed(cluster.sessions()))["items"][0]
        built_in = (await cluster.server.listed(cluster.core("pods")))["items"][0]
        assert (custom["kind"], "kind" in built_in) == ("VDISession", False)

    async def test_discovery_of_the_platform(self, cluster: Cluster) -> None:
        """Group, version, kind, short name, scope, verbs and status subresource can be found out."""
        group = (await cluster.server.call("GET", "/apis/vdi.kasm.io")).body
        assert group["preferredVersion"] == {"groupVersion": "vdi.kasm.io/v1alpha1", "version": "v1alpha1"}
        served = (await cluster.server.call("GET", "/apis/vdi.kasm.io/v1alpha1")).body["resources"]
        found = {one["name"]: one for one in served}
        assert {"vdisessions", "vdisessions/status", "vditemplates"} <= set(found)
        sessions = found["vdisessions"]
        assert (sessions["kind"], sessions["singularName"], sessions["shortNames"]) == (
            "VDISession",
            "vdisession",
            ["vdi"],
        )
        assert {"create", "delete", "get", "list", "patch", "update", "watch"} <= set(sessions["verbs"])
        assert (sessions["namespaced"], found["vditemplates"]["namespaced"]) == (True, False)

    async def test_discovery_of_the_core(self, cluster: Cluster) -> None:
        """The core group is found likewise; the list of groups has the platform's; the version is told."""
        core = (await cluster.server.call("GET", "/api/v1")).body["resources"]
        groups = (await cluster.server.call("GET", "/apis")).body["groups"]
        version = (await cluster.server.call("GET", "/version")).body
        assert {"pods", "services", "persistentvolumeclaims", "events", "secrets", "configmaps"} <= {
            one["name"] for one in core
        }
        assert {"vdi.kasm.io", "coordination.k8s.io", "apiextensions.k8s.io"} <= {one["name"] for one in groups}
        assert version["gitVersion"].startswith(f"v{version['major']}.")

    async def test_the_log_of_a_pod_that_no_node_has(self, cluster: Cluster) -> None:
        """There is nothing to read yet, which is no error."""
        await cluster.server.made(cluster.core("pods"), pod())
        reply = await cluster.server.call("GET", f"{cluster.core('pods', 'pod')}/log", query={"tailLines": "10"})
        assert (reply.status, reply.text) == (204, "")

    async def test_logs_that_nobody_has(self, cluster: Cluster) -> None:
        """A Pod must be there, a container must be named where there are several, and must be one of them."""
        await cluster.server.made(cluster.core("pods"), pod(containers=("a", "b")))
        path = f"{cluster.core('pods', 'pod')}/log"
        absent = await cluster.server.call("GET", f"{cluster.core('pods', 'absent')}/log")
        unnamed = await cluster.server.call("GET", path)
        unknown = await cluster.server.call("GET", path, query={"container": "c"})
        assert (absent.refusal, absent.body["details"]["kind"]) == ((404, "NotFound"), "pods")
        assert (unnamed.refusal, unknown.refusal) == ((400, "BadRequest"), (400, "BadRequest"))
        assert unnamed.body["message"].endswith("choose one of: [a b]")
        assert unknown.body["message"] == "container c is not valid for pod pod"
