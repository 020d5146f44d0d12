"""Tokens of a real ServiceAccount that are rotated and revoked, as the kubelet and an administrator do it."""

import asyncio
import base64
import json
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.cluster.rest import Rest


@dataclass(frozen=True, kw_only=True)
class BoundToken:
    """A token that is good for as long as a Secret exists."""

    rest: Rest
    secret: str
    text: str

    @property
    def jti(self) -> str:
        """What tells it from others of the same account."""
        payload = self.text.split(".")[1]
        return f"JTI={json.loads(base64.urlsafe_b64decode(payload + '=='))['jti']}"

    async def revoke(self) -> None:
        """Deletes its Secret."""
        await asyncio.to_thread(self.rest.call, "DELETE", self.secret)


@dataclass(frozen=True, kw_only=True)
class ServiceAccount:
    """An account of a cluster, and the file in which its token lies, as the kubelet lays it down."""

    rest: Rest
    namespace: str
    token_file: Path
    name: str = "probed"

    async def issue(self) -> BoundToken:
        """Makes a token that can be revoked."""
        return await asyncio.to_thread(self.issue_now)

    def put(self, token: BoundToken) -> None:
        """Puts a token in the place of the file's, in one move."""
        newer = self.token_file.with_suffix(".new")
        newer.write_text(token.text)
        newer.replace(self.token_file)

    async def rotate(self) -> BoundToken:
        """Puts a new token into the file."""
        token = await self.issue()
        await asyncio.to_thread(self.put, token)
        return token

    def issue_now(self) -> BoundToken:
        """Makes a token; blocks."""
        secrets = f"/api/v1/namespaces/{self.namespace}/secrets"
        secret = f"token-{uuid4().hex[:8]}"
        uid = self.rest.call("POST", secrets, {"metadata": {"name": secret}})["metadata"]["uid"]
        bound = {"kind": "Secret", "apiVersion": "v1", "name": secret, "uid": uid}
        path = f"/api/v1/namespaces/{self.namespace}/serviceaccounts/{self.name}/token"
        answer = self.rest.call("POST", path, {"spec": {"expirationSeconds": 600, "boundObjectRef": bound}})
        return BoundToken(rest=self.rest, secret=f"{secrets}/{secret}", text=answer["status"]["token"])
