"""Creating and writing objects, without HTTP."""

import re
from collections.abc import Callable

import pytest

from prober.lab.kube.admission import Part
from prober.lab.kube.errors import (
    AlreadyExistsError,
    BadRequestError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from prober.lab.kube.operations import Key, WriteOptions
from prober.lab.kube.resources import DEFINITIONS, NAMESPACES, PODS, Obj, Resource
from prober.lab.kube.selectors import parse_selector
from prober.lab.kube.store import Store

NewSession = Callable[..., Obj]


def test_create_stamps_the_object(store: Store, sessions: Resource, new_session: NewSession) -> None:
    """A new object gets uid, time, version, generation and its schema's defaults."""
    created = store.create(sessions, body=new_session(), namespace="vdi")

    metadata = created["metadata"]
    assert metadata["creationTimestamp"] == "2026-11-22T09:40:19Z"
    assert metadata["resourceVersion"] == str(store.history.version)
    assert metadata["generation"] == 1
    assert len(metadata["uid"]) == 36
    assert created["spec"]["timeout"] == "8h"
    assert created["spec"]["persistence"] == {"enabled": True}


def test_generate_name_adds_five_characters(store: Store, sessions: Resource, new_session: NewSession) -> None:
    """`generateName` makes a name that differs each time."""
    body = new_session(generateName="probe-")
    del body["metadata"]["name"]

    names = {store.create(sessions, body=body, namespace="vdi")["metadata"]["name"] for _ in range(10)}

    assert len(names) == 10
    assert all(re.fullmatch(r"probe-[a-z0-9]{5}", name) for name in names)


def test_create_refuses_a_taken_name(store: Store, sessions: Resource, new_session: NewSession) -> None:
    """A second object of the same name is refused as AlreadyExists."""
    store.create(sessions, body=new_session(), namespace="vdi")

    with pytest.raises(AlreadyExistsError, match='"probe" already exists'):
        store.create(sessions, body=new_session(), namespace="vdi")


def test_create_needs_its_namespace(store: Store, sessions: Resource, new_session: NewSession) -> None:
    """An object cannot be made in a namespace that does not exist."""
    with pytest.raises(NotFoundError, match='namespaces "nowhere" not found'):
        store.create(sessions, body=new_session(), namespace="nowhere")


def test_create_is_refused_in_a_terminating_namespace(
    store: Store, sessions: Resource, new_session: NewSession
) -> None:
    """Nothing new may be made in a namespace that is being deleted."""
    store.create(sessions, body=new_session(finalizers=["a/b"]), namespace="vdi")
    store.delete(Key(resource=NAMESPACES, name="vdi"))

    with pytest.raises(ForbiddenError, match="it is being terminated"):
        store.create(sessions, body=new_session("other"), namespace="vdi")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"apiVersion": "vdi.kasm.io/v2"}, "does not match the expected API version"),
        ({"metadata": {"name": "probe", "namespace": "other"}}, "does not match the namespace"),
        ({"metadata": {"name": "probe", "resourceVersion": "1"}}, "should not be set"),
        ({"metadata": {"name": "probe", "labels": "x"}}, r"cannot decode metadata\.labels"),
    ],
    ids=["version", "namespace", "resourceVersion", "labels"],
)
def test_create_refuses_contradictions(
    store: Store, sessions: Resource, new_session: NewSession, change: Obj, message: str
) -> None:
    """A body that contradicts its path, or cannot be decoded, is a bad request."""
    with pytest.raises(BadRequestError, match=message):
        store.create(sessions, body=new_session() | change, namespace="vdi")


@pytest.mark.parametrize(
    ("metadata", "field"),
    [
        ({"name": "Upper"}, "metadata.name"),
        ({"name": ""}, "metadata.name"),
        ({"name": "probe", "labels": {"user": "a@b.c"}}, "metadata.labels"),
        ({"name": "probe", "annotations": {"a b": "c"}}, "metadata.annotations"),
        ({"name": "probe", "ownerReferences": [{"name": "x"}]}, "metadata.ownerReferences[0].uid"),
    ],
    ids=["name", "no name", "label value", "annotation key", "owner"],
)
def test_create_checks_metadata(
    store: Store, sessions: Resource, new_session: NewSession, metadata: Obj, field: str
) -> None:
    """Names, labels, annotations, owners obey the rules of a real API server."""
    with pytest.raises(InvalidError) as caught:
        store.create(sessions, body=new_session() | {"metadata": metadata}, namespace="vdi")

    assert field in {cause["field"] for cause in caught.value.details["causes"]}


def test_dry_run_keeps_nothing(store: Store, sessions: Resource, new_session: NewSession) -> None:
    """A dry run answers as the write would, but nothing is stored."""
    version = store.history.version

    store.create(sessions, body=new_session(), namespace="vdi", options=WriteOptions(dry_run=True))

    assert store.select(sessions).items == []
    assert store.history.version == version


def test_unknown_fields_are_pruned(store: Store, sessions: Resource, new_session: NewSession) -> None:
    """What the schema does not know is dropped, or refused if the writer is strict."""
    body = new_session()
    body["spec"]["colour"] = "red"

    assert "colour" not in store.create(sessions, body=body, namespace="vdi")["spec"]
    with pytest.raises(BadRequestError, match=r'unknown field "spec\.colour"'):
        store.create(sessions, body=body, namespace="vdi", options=WriteOptions(strict=True))


def test_stale_replace_conflicts(store: Store, key: Key, new_session: NewSession) -> None:
    """A write that is based on an older version is refused."""
    first = store.create(key.resource, body=new_session(), namespace="vdi")
    store.patch(key, change=lambda obj: obj | {"spec": obj["spec"] | {"timeout": "1h"}})

    with pytest.raises(ConflictError, match="the object has been modified"):
        store.replace(key, body=first)


def test_replace_of_a_custom_object_needs_a_version(store: Store, key: Key, new_session: NewSession) -> None:
    """Custom objects cannot be replaced without saying which version is replaced."""
    store.create(key.resource, body=new_session(), namespace="vdi")

    with pytest.raises(InvalidError, match="must be specified for an update"):
        store.replace(key, body=new_session())


def test_generation_counts_spec_changes_only(store: Store, key: Key, new_session: NewSession) -> None:
    """Labels and status leave the generation alone, the spec does not."""
    store.create(key.resource, body=new_session(), namespace="vdi")

    def labelled(obj: Obj) -> Obj:
        return obj | {"metadata": obj["metadata"] | {"labels": {"a": "b"}}}

    generations = [
        store.patch(key, change=labelled)["metadata"]["generation"],
        store.patch(key, change=lambda obj: obj | {"status": {"phase": "Running"}}, part=Part.STATUS)["metadata"][
            "generation"
        ],
        store.patch(key, change=lambda obj: obj | {"spec": obj["spec"] | {"timeout": "1h"}})["metadata"]["generation"],
    ]

    assert generations == [1, 1, 2]


def test_status_is_a_subresource(store: Store, key: Key, new_session: NewSession) -> None:
    """The main write ignores the status, the status write ignores everything else."""
    created = store.create(key.resource, body=new_session() | {"status": {"phase": "Running"}}, namespace="vdi")
    assert "status" not in created

    main = store.patch(key, change=lambda obj: obj | {"status": {"phase": "Failed"}})
    assert "status" not in main

    changed = main | {"status": {"phase": "Pending"}, "spec": {"user": "x@y.zz", "template": "t"}}
    status = store.replace(key, body=changed, part=Part.STATUS)
    assert status["status"] == {"phase": "Pending"}
    assert status["spec"] == created["spec"]


def test_a_write_that_changes_nothing_makes_no_version(store: Store, key: Key, new_session: NewSession) -> None:
    """An update without a difference is not an event."""
    created = store.create(key.resource, body=new_session(), namespace="vdi")

    assert store.replace(key, body=created) == created
    assert store.history.version == int(created["metadata"]["resourceVersion"])


def test_answers_are_copies(store: Store, key: Key, new_session: NewSession) -> None:
    """Whoever changes an answer does not change the cluster."""
    store.create(key.resource, body=new_session(), namespace="vdi")["spec"]["user"] = "changed"
    store.get(key)["spec"]["user"] = "changed"
    store.select(key.resource).items[0]["spec"]["user"] = "changed"

    assert store.get(key)["spec"]["user"] == "probe@example.com"


def test_select_filters_and_sorts(store: Store, sessions: Resource, new_session: NewSession) -> None:
    """A list is sorted by name and holds what both selectors choose."""
    for name, tier in (("c", "x"), ("a", "x"), ("b", "y")):
        store.create(sessions, body=new_session(name, labels={"tier": tier}), namespace="vdi")

    def names(labels: str = "", fields: str = "") -> list[str]:
        selector = parse_selector(labels, fields=fields, known=sessions.selectable_fields)
        page = store.select(sessions, namespace="vdi", selector=selector)
        return [item["metadata"]["name"] for item in page.items]

    assert names() == ["a", "b", "c"]
    assert names("tier=x") == ["a", "c"]
    assert names("tier!=x", "metadata.name!=a") == ["b"]
    assert store.select(sessions, namespace="elsewhere").items == []


def test_built_in_kinds_get_type_and_defaults(store: Store) -> None:
    """A Pod need not name its kind, and begins as Pending."""
    pod = store.create(
        PODS,
        body={"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
        namespace="vdi",
    )

    assert (pod["apiVersion"], pod["kind"], pod["status"]) == ("v1", "Pod", {"phase": "Pending"})
    with pytest.raises(InvalidError, match=r"spec\.containers: Required value"):
        store.create(PODS, body={"metadata": {"name": "q"}}, namespace="vdi")


def test_a_deleted_definition_takes_its_objects_along(store: Store, key: Key, new_session: NewSession) -> None:
    """Without its CRD a custom resource is no longer served, and its objects are gone."""
    store.create(key.resource, body=new_session(), namespace="vdi")

    _, gone = store.delete(Key(resource=DEFINITIONS, name="vdisessions.vdi.kasm.io"))

    assert gone
    assert store.catalog.find("vdisessions", group="vdi.kasm.io", version="v1alpha1") is None
    assert store.select(key.resource).items == []


def test_a_definition_is_established(store: Store) -> None:
    """A CRD says at once that it is served."""
    crd = store.get(Key(resource=DEFINITIONS, name="vdisessions.vdi.kasm.io"))

    assert crd["status"]["acceptedNames"]["shortNames"] == ["vdi"]
    assert {c["type"]: c["status"] for c in crd["status"]["conditions"]} == {
        "NamesAccepted": "True",
        "Established": "True",
    }
