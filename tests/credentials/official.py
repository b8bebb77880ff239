"""Alibaba Cloud's services that hand out temporary keys, on loopback: metadata of a machine, and STS."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# The library would keep its connections, and a server that ends would wait for their ends of TLS.
CLOSE = [(b"connection", b"close")]


class Services:
    """Answers as the real ones do; what they hand out is numbered.

    Attributes:
        asked: What was asked for, in order.
        parameters: Of the last question to STS.
        down: Whether they refuse, with an answer that holds a secret.
        lifetime: Seconds that keys hold.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.parameters: dict[str, str] = {}
        self.down = False
        self.lifetime = 3600
        self.turn = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one request; there is no lifespan."""
        if scope["type"] != "http":
            return
        # A request through a proxy names the whole address.
        path = scope["path"].removeprefix("http://100.100.100.200")
        status, body = self._answer(path, dict(parse_qsl(scope["query_string"].decode())))
        await send({"type": "http.response.start", "status": status, "headers": CLOSE})
        await send({"type": "http.response.body", "body": body.encode()})

    def _answer(self, path: str, parameters: dict[str, str]) -> tuple[int, str]:
        action = parameters.get("Action")
        self.asked.append(action or path)
        if self.down:
            return 400, '{"Code": "NoPermission", "Message": "s3cret", "RequestId": "R"}'
        if path == "/latest/api/token":
            return 200, "metadata-token"
        if path == "/latest/meta-data/ram/security-credentials/":
            return 200, "the-role"
        if action:
            self.parameters = parameters
            return 200, json.dumps({"RequestId": "R", "Credentials": self._keys()})
        return 200, json.dumps({"Code": "Success", **self._keys()})

    def _keys(self) -> dict[str, str]:
        self.turn += 1
        ends = datetime.now(UTC) + timedelta(seconds=self.lifetime)
        return {
            "AccessKeyId": f"STS.id{self.turn}",
            "AccessKeySecret": f"s3cret{self.turn}",
            "SecurityToken": f"t0ken{self.turn}",
            "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def certificate(folder: Path) -> Path:
    """Write a certificate for loopback that signs itself, and its key, into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "loopback.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return file


@contextmanager
def serving_tls(app: Services, pem: Path) -> Iterator[str]:
    """Serve over TLS on a free port; yield host and port."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="warning", ws="none", lifespan="off", ssl_certfile=pem
    )
    config.load()
    assert isinstance(config.ssl, ssl.SSLContext)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    try:
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        yield f"{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
