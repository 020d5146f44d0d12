"""How collections are listed: selectors, pages, versions."""

import base64
import json

import pytest

from tests.contracts.kubernetes_api.cluster import Cluster, names, pod
from tests.contracts.kubernetes_api.server import Obj

LABELS: dict[str, dict[str, str]] = {
    "one": {"tier": "a", "zone": "x"},
    "three": {"zone": "x"},
    "two": {"tier": "b"},
}
"""The labels of the sessions that selectors choose from."""


class Listing:
    """Which objects a list has, and which state of them."""

    @pytest.mark.parametrize(
        ("selector", "chosen"),
        [
            ("", ["one", "three", "two"]),
            ("tier=a", ["one"]),
            ("tier==a", ["one"]),
            ("tier!=a", ["three", "two"]),
            ("tier in (a,b)", ["one", "two"]),
            ("tier notin (a)", ["three", "two"]),
            ("tier", ["one", "two"]),
            ("!tier", ["three"]),
            ("zone=x,!tier", ["three"]),
            ("zone=y", []),
        ],
        ids=["all", "equal", "double equal", "unequal", "in", "notin", "exists", "not exists", "both", "none"],
    )
    async def test_label_selectors(self, cluster: Cluster, selector: str, chosen: list[str]) -> None:
        """Labels choose; a negative requirement holds for what lacks the label."""
        for name, labels in LABELS.items():
            await cluster.session(name, labels=labels)
        assert names(await cluster.server.listed(cluster.sessions(), labelSelector=selector)) == chosen

    async def test_field_selectors(self, cluster: Cluster) -> None:
        """The name chooses one."""
        for name in LABELS:
            await cluster.session(name)
        chosen = await cluster.server.listed(cluster.sessions(), fieldSelector="metadata.name=two")
        assert names(chosen) == ["two"]

    async def test_pods_are_chosen_by_phase(self, cluster: Cluster) -> None:
        """Built-in kinds have fields of their own to choose by."""
        await cluster.server.made(cluster.core("pods"), pod())
        for phase, chosen in (("Pending", ["pod"]), ("Running", [])):
            listed = await cluster.server.listed(cluster.core("pods"), fieldSelector=f"status.phase={phase}")
            assert names(listed) == chosen

    async def test_events_are_found_by_their_object(self, cluster: Cluster) -> None:
        """Events can be chosen by what they are about."""
        for name in ("a", "b"):
            about = {"kind": "VDISession", "name": name, "namespace": cluster.namespace, "uid": f"uid-{name}"}
            event = {
                "metadata": {"generateName": "event-"},
                "involvedObject": about,
                "reason": "Tested",
                "type": "Normal",
            }
            await cluster.server.made(cluster.core("events"), event)
        for selector in ("involvedObject.name=b", "involvedObject.uid=uid-b,involvedObject.kind=VDISession"):
            listed = await cluster.server.listed(cluster.core("events"), fieldSelector=selector)
            assert [event["involvedObject"]["name"] for event in listed["items"]] == ["b"]

    @pytest.mark.parametrize(
        "query",
        [
            pytest.param({"labelSelector": "a in b"}, id="label selector"),
            pytest.param({"fieldSelector": "spec.user=x"}, id="unknown field"),
            pytest.param({"resourceVersion": "abc"}, id="version"),
            pytest.param({"limit": "abc"}, id="limit"),
            pytest.param({"continue": "rubbish"}, id="token"),
        ],
    )
    async def test_bad_queries(self, cluster: Cluster, query: dict[str, str]) -> None:
        """What cannot be understood is 400."""
        assert (await cluster.server.call("GET", cluster.sessions(), query=query)).refusal == (400, "BadRequest")

    async def test_all_namespaces(self, cluster: Cluster) -> None:
        """Without a namespace in the path all are listed, in the order of their keys: a dash is before a slash."""
        await cluster.session("here")
        async with cluster.another_namespace() as other:
            await cluster.server.made(cluster.sessions(namespace=other), (await _body(cluster, "here")))
            listed = await cluster.server.listed("/apis/vdi.kasm.io/v1alpha1/vdisessions")
            places = [item["metadata"]["namespace"] for item in listed["items"]]
        assert [place for place in places if place in {cluster.namespace, other}] == [other, cluster.namespace]

    async def test_pages(self, cluster: Cluster) -> None:
        """A list in pages shows one state, however long its reader takes."""
        for name in "abcde":
            await cluster.session(name)
        pages = [await cluster.server.listed(cluster.sessions(), limit="2")]
        await cluster.session("aa")
        await cluster.server.call("DELETE", cluster.sessions("e"))
        while token := pages[-1]["metadata"].get("continue"):
            pages.append(await cluster.server.listed(cluster.sessions(), **{"limit": "2", "continue": token}))
        assert [names(page) for page in pages] == [["a", "b"], ["c", "d"], ["e"]]
        assert [page["metadata"].get("remainingItemCount") for page in pages] == [3, 1, None]
        assert len({page["metadata"]["resourceVersion"] for page in pages}) == 1

    async def test_pages_of_chosen_objects(self, cluster: Cluster) -> None:
        """Selectors hold on every page."""
        for name, labels in LABELS.items():
            await cluster.session(name, labels=labels)
        query = {"limit": "1", "labelSelector": "tier"}
        first = await cluster.server.listed(cluster.sessions(), **query)
        token = first["metadata"]["continue"]
        second = await cluster.server.listed(cluster.sessions(), **query, **{"continue": token})
        assert names(first) + names(second) == ["one", "two"]
        assert not second["metadata"].get("continue")

    async def test_a_page_names_its_version_itself(self, cluster: Cluster) -> None:
        """A continue token with a version of one's own is 400."""
        token = await _token(cluster)
        query = {"continue": token, "resourceVersion": "5"}
        assert (await cluster.server.call("GET", cluster.sessions(), query=query)).refusal == (400, "BadRequest")

    async def test_an_old_page_is_gone(self, cluster: Cluster) -> None:
        """The next page of a state that is forgotten is HTTP 410 Expired; a new list works."""
        token = _aged(await _token(cluster))
        await cluster.forget()
        refused = await cluster.server.call("GET", cluster.sessions(), query={"limit": "1", "continue": token})
        assert refused.refusal == (410, "Expired")
        assert names(await cluster.server.listed(cluster.sessions())) == ["a", "b"]

    async def test_a_past_state(self, cluster: Cluster) -> None:
        """`Exact` shows the objects as they were."""
        await cluster.session("a")
        version = await cluster.server.version(cluster.sessions())
        await cluster.session("b")
        await cluster.server.patched(cluster.sessions("a"), {"spec": {"timeout": "1h"}})
        past = await cluster.server.listed(cluster.sessions(), resourceVersion=version, resourceVersionMatch="Exact")
        assert [(item["metadata"]["name"], item["spec"]["timeout"]) for item in past["items"]] == [("a", "8h")]
        assert past["metadata"]["resourceVersion"] == version

    async def test_a_forgotten_state(self, cluster: Cluster) -> None:
        """`Exact` of a version that is forgotten is HTTP 410 Expired."""
        await cluster.session("a")
        await cluster.forget()
        query = {"resourceVersion": "1", "resourceVersionMatch": "Exact"}
        assert (await cluster.server.call("GET", cluster.sessions(), query=query)).refusal == (410, "Expired")

    async def test_a_state_to_come(self, cluster: Cluster) -> None:
        """A version that is not there yet is 504, to be asked for again."""
        query = {"resourceVersion": str(int(await cluster.server.version(cluster.sessions())) + 1_000_000)}
        refused = await cluster.server.call("GET", cluster.sessions(), query=query)
        assert refused.refusal == (504, "Timeout")
        assert refused.body["details"]["retryAfterSeconds"] == 1
        assert [cause["reason"] for cause in refused.body["details"]["causes"]] == ["ResourceVersionTooLarge"]


async def _body(cluster: Cluster, name: str) -> Obj:
    """Returns what it takes to make a session once more, elsewhere."""
    found = (await cluster.server.call("GET", cluster.sessions(name))).body
    return found | {"metadata": {"name": name}}


async def _token(cluster: Cluster) -> str:
    """Returns the way to the second page of two."""
    for name in ("a", "b"):
        await cluster.session(name)
    page = await cluster.server.listed(cluster.sessions(), limit="1")
    return str(page["metadata"]["continue"])


def _aged(token: str) -> str:
    """Returns a continue token as of the first of all versions: a real server keeps younger ones in memory."""
    content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    return base64.urlsafe_b64encode(json.dumps(content | {"rv": 1}).encode()).decode().rstrip("=")
