"""The keys the sandbox accepts: made up, the same for everybody, and public."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """One Alibaba Cloud account with a lasting key and a session (STS) key, and one Visionular account."""

    access_key_id: str = "sandboxAccessKeyId"
    access_key_secret: str = field(default="sandboxAccessKeySecret", repr=False)
    sts_key_id: str = "sandboxStsKeyId"
    sts_key_secret: str = field(default="sandboxStsKeySecret", repr=False)
    security_token: str = field(default="sandboxSecurityToken", repr=False)
    visionular_access_key: str = "sandboxAccessKey"
    visionular_secret_key: str = field(default="sandboxSecretKey", repr=False)

    def alibaba(self, key_id: str) -> tuple[str, str | None] | None:
        """Find the secret of a key and the session token it must come with; None for an unknown key."""
        if key_id == self.access_key_id:
            return self.access_key_secret, None
        if key_id == self.sts_key_id:
            return self.sts_key_secret, self.security_token
        return None


SANDBOX_CREDENTIALS = Credentials()
