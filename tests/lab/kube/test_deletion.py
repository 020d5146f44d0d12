"""Deletion: finalizers, preconditions, owners, namespaces, expiry."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from prober.lab.kube.errors import ConflictError, InvalidError, NotFoundError
from prober.lab.kube.operations import DeleteOptions, Key, Propagation
from prober.lab.kube.resources import EVENTS, NAMESPACES, PODS, Obj
from prober.lab.kube.store import Store

NewSession = Callable[..., Obj]


def test_delete_removes_what_nothing_holds(store: Store, key: Key, new_session: NewSession) -> None:
    """Without finalizers an object is gone at once."""
    store.create(key.resource, body=new_session(), namespace="vdi")

    assert store.delete(key)[1] is True
    assert not _exists(store, key)


def test_a_plain_deletion_leaves_no_mark(store: Store, key: Key, new_session: NewSession) -> None:
    """The last state of what nothing holds is the present one, but for its version: it never waited for anything."""
    present = store.create(key.resource, body=new_session(), namespace="vdi")

    last, _ = store.delete(key)

    version = {"resourceVersion": str(store.history.version)}
    assert last == present | {"metadata": present["metadata"] | version}
    assert last["metadata"]["resourceVersion"] != present["metadata"]["resourceVersion"]


def test_finalizers_hold_an_object(store: Store, key: Key, new_session: NewSession) -> None:
    """A held object is marked, takes no new finalizer, and goes with its last one."""
    store.create(key.resource, body=new_session(finalizers=["vdi.kasm.io/cleanup"]), namespace="vdi")

    obj, gone = store.delete(key)
    assert not gone
    assert obj["metadata"]["deletionTimestamp"] == "2026-11-22T09:40:19Z"
    assert obj["metadata"]["generation"] == 2
    with pytest.raises(InvalidError, match="no new finalizers can be added"):
        store.patch(key, change=lambda o: o | {"metadata": o["metadata"] | {"finalizers": ["a/b"]}})

    store.patch(key, change=_without_finalizers)
    assert not _exists(store, key)


def test_deleting_twice_changes_nothing(store: Store, key: Key, new_session: NewSession) -> None:
    """A second deletion of a held object is accepted without a new version."""
    store.create(key.resource, body=new_session(finalizers=["a/b"]), namespace="vdi")
    first, _ = store.delete(key)

    assert store.delete(key) == (first, False)


@pytest.mark.parametrize(
    "options",
    [DeleteOptions(uid="other"), DeleteOptions(resource_version="1")],
    ids=["uid", "resourceVersion"],
)
def test_preconditions_protect(store: Store, key: Key, new_session: NewSession, options: DeleteOptions) -> None:
    """A deletion that is meant for another object, or state, is a conflict."""
    store.create(key.resource, body=new_session(), namespace="vdi")

    with pytest.raises(ConflictError, match="in the precondition"):
        store.delete(key, options=options)
    assert _exists(store, key)


def test_children_go_with_their_owner(store: Store, key: Key, new_session: NewSession) -> None:
    """Owned objects go when their owner is gone, not before; grandchildren too."""
    owner = store.create(key.resource, body=new_session(finalizers=["a/b"]), namespace="vdi")
    child = _new_pod(store, "child", owner)
    grandchild = _new_pod(store, "grandchild", store.get(child))

    store.delete(key)
    assert _exists(store, child)

    store.patch(key, change=_without_finalizers)
    assert not _exists(store, child)
    assert not _exists(store, grandchild)


def test_a_held_child_lingers(store: Store, key: Key, new_session: NewSession) -> None:
    """A child with a finalizer outlives its owner, marked for deletion."""
    owner = store.create(key.resource, body=new_session(), namespace="vdi")
    child = _new_pod(store, "child", owner, finalizers=["a/b"])

    store.delete(key)

    assert "deletionTimestamp" in store.get(child)["metadata"]


def test_a_late_child_goes_at_once(store: Store, key: Key, new_session: NewSession) -> None:
    """A child whose owner is gone already does not stay."""
    owner = store.create(key.resource, body=new_session(), namespace="vdi")
    store.delete(key)

    assert not _exists(store, _new_pod(store, "late", owner))


def test_one_living_owner_keeps_a_child(store: Store, key: Key, new_session: NewSession) -> None:
    """A child of two owners loses the reference to the dead one only."""
    first = store.create(key.resource, body=new_session(), namespace="vdi")
    second = store.create(key.resource, body=new_session("second"), namespace="vdi")
    child = _new_pod(store, "child", first, second)

    store.delete(key)

    owners = store.get(child)["metadata"]["ownerReferences"]
    assert [owner["uid"] for owner in owners] == [second["metadata"]["uid"]]


def test_orphans_stay(store: Store, key: Key, new_session: NewSession) -> None:
    """With `Orphan` the children stay without an owner."""
    owner = store.create(key.resource, body=new_session(), namespace="vdi")
    child = _new_pod(store, "child", owner)

    store.delete(key, options=DeleteOptions(propagation=Propagation.ORPHAN))

    assert not _exists(store, key)
    assert "ownerReferences" not in store.get(child)["metadata"]


def test_foreground_waits_for_children(store: Store, key: Key, new_session: NewSession) -> None:
    """With `Foreground` the owner waits for the children that block it."""
    owner = store.create(key.resource, body=new_session(), namespace="vdi")
    child = _new_pod(store, "child", owner, finalizers=["a/b"])

    _, gone = store.delete(key, options=DeleteOptions(propagation=Propagation.FOREGROUND))
    assert not gone
    assert "deletionTimestamp" in store.get(child)["metadata"]

    store.patch(child, change=_without_finalizers)
    assert not _exists(store, key)


def test_a_namespace_takes_its_objects_along(store: Store, key: Key, new_session: NewSession) -> None:
    """A deleted namespace is Terminating until its last object is gone."""
    namespace = Key(resource=NAMESPACES, name="vdi")
    store.create(key.resource, body=new_session(finalizers=["a/b"]), namespace="vdi")
    pod = _new_pod(store, "pod")

    store.delete(namespace)
    assert store.get(namespace)["status"]["phase"] == "Terminating"
    assert not _exists(store, pod)

    store.patch(key, change=_without_finalizers)
    assert not _exists(store, namespace)


def test_events_expire() -> None:
    """An Event is kept for an hour, so that a lab can run for days."""
    moments = [datetime(2026, 11, 22, tzinfo=UTC)]
    store = Store(clock=lambda: moments[-1])
    store.create(NAMESPACES, body={"metadata": {"name": "vdi"}})
    for name in ("old", "new"):
        store.create(EVENTS, body={"metadata": {"name": name}}, namespace="vdi")
        moments.append(moments[-1] + timedelta(minutes=61))
        store.create(EVENTS, body={"metadata": {"name": f"{name}-later"}}, namespace="vdi")

    names = {event["metadata"]["name"] for event in store.select(EVENTS).items}

    assert names == {"new-later"}


def _new_pod(store: Store, name: str, *owners: Obj, **metadata: Any) -> Key:
    references = [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            "blockOwnerDeletion": True,
        }
        for owner in owners
    ]
    body = {
        "metadata": {"name": name, "ownerReferences": references, **metadata},
        "spec": {"containers": [{"name": "main", "image": "desktop"}]},
    }
    store.create(PODS, body=body, namespace="vdi")
    return Key(resource=PODS, name=name, namespace="vdi")


def _without_finalizers(obj: Obj) -> Obj:
    return obj | {"metadata": obj["metadata"] | {"finalizers": []}}


def _exists(store: Store, key: Key) -> bool:
    try:
        store.get(key)
    except NotFoundError:
        return False
    return True
