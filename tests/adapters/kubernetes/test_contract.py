from tests.contracts.sessions import SessionsContract


class TestKubernetesSessions(SessionsContract):
    """The adapter passes the suite of its port, over HTTPS against the lab's API."""
