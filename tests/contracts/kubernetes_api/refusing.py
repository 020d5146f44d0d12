"""How requests are refused: with a Status that says what is wrong, and where."""

from typing import Any

import pytest

from tests.contracts.kubernetes_api.cluster import Cluster, pod, session

GOOD = {"user": "probe@example.com", "template": "ubuntu-desktop"}
GROUP = "vdi.kasm.io"


class Refusing:
    """The codes and shapes of refusals."""

    async def test_a_taken_name(self, cluster: Cluster) -> None:
        """A second object of a name is 409 AlreadyExists."""
        await cluster.session()
        refused = await cluster.server.call("POST", cluster.sessions(), session("probe"))
        assert refused.refusal == (409, "AlreadyExists")
        assert refused.body["details"] == {"name": "probe", "group": GROUP, "kind": "vdisessions"}
        assert refused.body["message"] == f'vdisessions.{GROUP} "probe" already exists'

    @pytest.mark.parametrize(
        ("spec", "causes"),
        [
            pytest.param(
                {}, {"spec.user": "FieldValueRequired", "spec.template": "FieldValueRequired"}, id="missing fields"
            ),
            pytest.param(GOOD | {"user": 7}, {"spec.user": "FieldValueTypeInvalid"}, id="wrong type"),
            pytest.param(GOOD | {"user": "nobody"}, {"spec.user": "FieldValueInvalid"}, id="pattern"),
            pytest.param(GOOD | {"template": ""}, {"spec.template": "FieldValueInvalid"}, id="too short"),
            pytest.param(
                GOOD | {"persistence": {"enabled": "yes"}},
                {"spec.persistence.enabled": "FieldValueTypeInvalid"},
                id="deep",
            ),
            pytest.param(
                {"user": 7, "timeout": "soon"},
                {
                    "spec.user": "FieldValueTypeInvalid",
                    "spec.template": "FieldValueRequired",
                    "spec.timeout": "FieldValueInvalid",
                },
                id="all at once",
            ),
        ],
    )
    async def test_an_invalid_spec(self, cluster: Cluster, spec: dict[str, Any], causes: dict[str, str]) -> None:
        """422 names the path of each bad field, and the message repeats them."""
        refused = await cluster.server.call("POST", cluster.sessions(), session("probe", spec=spec))
        assert refused.refusal == (422, "Invalid")
        assert refused.causes == causes
        about = {key: refused.body["details"][key] for key in ("name", "group", "kind")}
        assert about == {"name": "probe", "group": GROUP, "kind": "VDISession"}
        assert refused.body["message"].startswith(f'VDISession.{GROUP} "probe" is invalid: ')
        assert all(field in refused.body["message"] for field in causes)

    async def test_a_missing_spec(self, cluster: Cluster) -> None:
        """What is required at the top is named like everything else."""
        body = {key: value for key, value in session("probe").items() if key != "spec"}
        refused = await cluster.server.call("POST", cluster.sessions(), body)
        assert (refused.refusal, refused.causes) == ((422, "Invalid"), {"spec": "FieldValueRequired"})

    @pytest.mark.parametrize(
        ("metadata", "field"),
        [
            pytest.param({}, "metadata.name", id="no name"),
            pytest.param({"name": "Upper_case"}, "metadata.name", id="name"),
            pytest.param({"generateName": "a" * 254}, "metadata.generateName", id="long prefix"),
            pytest.param({"generateName": "Upper_"}, "metadata.generateName", id="prefix"),
            pytest.param({"name": "x", "labels": {"user": "a@b.c"}}, "metadata.labels", id="label value"),
            pytest.param({"name": "x", "labels": {"a b": "c"}}, "metadata.labels", id="label key"),
            pytest.param({"name": "x", "annotations": {"a b": "c"}}, "metadata.annotations", id="annotation key"),
        ],
    )
    async def test_invalid_metadata(self, cluster: Cluster, metadata: dict[str, Any], field: str) -> None:
        """The rules of names and labels hold for custom objects, too."""
        refused = await cluster.server.call("POST", cluster.sessions(), session(**metadata))
        assert refused.refusal == (422, "Invalid")
        assert field in refused.causes

    async def test_an_invalid_pod(self, cluster: Cluster) -> None:
        """Built-in kinds name the field likewise; they have no group."""
        refused = await cluster.server.call("POST", cluster.core("pods"), pod(containers=()))
        assert refused.refusal == (422, "Invalid")
        assert refused.causes["spec.containers"] in {"FieldValueRequired", "FieldValueInvalid"}
        assert "group" not in refused.body["details"]

    async def test_another_kind(self, cluster: Cluster) -> None:
        """A custom object of another kind is invalid there."""
        refused = await cluster.server.call("POST", cluster.sessions(), session("x") | {"kind": "Other"})
        assert (refused.refusal, refused.causes) == ((422, "Invalid"), {"kind": "FieldValueInvalid"})

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param("{", id="no JSON"),
            pytest.param([], id="no object"),
            pytest.param({"metadata": {"name": "x"}, "spec": GOOD}, id="no kind"),
            pytest.param(session("x") | {"apiVersion": f"{GROUP}/v2"}, id="another version"),
            pytest.param(session("x", namespace="default"), id="another namespace"),
            pytest.param(session("x", labels="y"), id="labels no map"),
            pytest.param(session("x", labels={"y": 1}), id="label no string"),
        ],
    )
    async def test_a_malformed_body(self, cluster: Cluster, body: Any) -> None:
        """What cannot be understood is 400."""
        refused = await cluster.server.call("POST", cluster.sessions(), body)
        assert refused.refusal == (400, "BadRequest")

    async def test_a_new_object_has_no_version_yet(self, cluster: Cluster) -> None:
        """Who sends one is refused; a real server even calls that its own fault."""
        refused = await cluster.server.call("POST", cluster.sessions(), session("x", resourceVersion="5"))
        assert refused.status in {400, 500}
        assert refused.body["message"] == "resourceVersion should not be set on objects to be created"

    async def test_strictness(self, cluster: Cluster) -> None:
        """Who asks for strict validation gets 400 for an unknown field."""
        body = session("x", spec=GOOD | {"extra": 1})
        refused = await cluster.server.call("POST", cluster.sessions(), body, query={"fieldValidation": "Strict"})
        assert refused.refusal == (400, "BadRequest")
        assert 'strict decoding error: unknown field "spec.extra"' in refused.body["message"]

    async def test_a_body_of_another_type(self, cluster: Cluster) -> None:
        """What is declared as text is 415."""
        refused = await cluster.server.call("POST", cluster.sessions(), "x", kind="text/plain")
        assert refused.refusal == (415, "UnsupportedMediaType")

    async def test_an_answer_of_another_type(self, cluster: Cluster) -> None:
        """Who accepts nothing that is served gets 406."""
        refused = await cluster.server.call("GET", cluster.sessions(), accept="text/html")
        assert refused.refusal == (406, "NotAcceptable")

    @pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"], ids=str.lower)
    async def test_an_absent_object(self, cluster: Cluster, method: str) -> None:
        """404 says which object is meant."""
        refused = await cluster.server.call(
            method, cluster.sessions("absent"), {} if method == "PATCH" else None, kind="application/merge-patch+json"
        )
        assert refused.refusal == (404, "NotFound")
        assert refused.body["details"] == {"name": "absent", "group": GROUP, "kind": "vdisessions"}

    async def test_an_absent_built_in_object(self, cluster: Cluster) -> None:
        """404 of the core group has no group."""
        refused = await cluster.server.call("GET", cluster.core("pods", "absent"))
        assert refused.refusal == (404, "NotFound")
        assert refused.body["details"] == {"name": "absent", "kind": "pods"}

    async def test_an_absent_namespace(self, cluster: Cluster) -> None:
        """Creation says that the namespace is missing; a list is empty; an object is missing itself."""
        where = cluster.sessions(namespace="no-such-namespace")
        refused = await cluster.server.call("POST", where, session("x"))
        assert refused.refusal == (404, "NotFound")
        assert refused.body["details"] == {"name": "no-such-namespace", "kind": "namespaces"}
        assert (await cluster.server.listed(where))["items"] == []
        absent = await cluster.server.call("GET", f"{where}/x")
        assert absent.body["details"]["kind"] == "vdisessions"

    async def test_an_unknown_resource(self, cluster: Cluster) -> None:
        """A built-in group that has no such resource says so without a name."""
        refused = await cluster.server.call("GET", cluster.core("nonsense"))
        assert refused.refusal == (404, "NotFound")
        assert refused.body["message"] == "the server could not find the requested resource"
        assert not refused.body.get("details")

    @pytest.mark.parametrize(
        "path",
        ["/apis/nobody.example.com/v1/things", f"/apis/{GROUP}/v1alpha1/things", f"/apis/{GROUP}/v9/vdisessions"],
        ids=["group", "resource", "version"],
    )
    async def test_what_no_crd_defines(self, cluster: Cluster, path: str) -> None:
        """Where no CRD defines a resource the 404 is no Status, but text."""
        refused = await cluster.server.call("GET", path)
        assert (refused.status, refused.text) == (404, "404 page not found\n")
        assert refused.headers["Content-Type"].startswith("text/plain")
