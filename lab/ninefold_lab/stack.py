"""The lab's Pulumi stack. Its state, passphrase and configuration are in the lab's folder."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .process import LabError, output_of
from .project import Project

# The commands that read or write the stack's configuration.
_CONFIGURED = frozenset(
    ["up", "update", "preview", "pre", "destroy", "down", "refresh", "config", "import", "watch"]
)
# The commands among them that run the program.
_RUNNING = frozenset(["up", "update", "preview", "pre", "watch"])
# How Pulumi's export marks a secret.
_SECRET = "4dabf18193072939515e22adb298388d"


class Stack:
    """A stack with a file backend, created on first use."""

    def __init__(self, project: Project, folder: Path, name: str) -> None:
        self.name = name
        self._project = project
        self._folder = folder
        # An empty project, so that `stack init` writes its files here and not into the real
        # project.
        self._stub = folder / "stack"
        self._state = folder / "state"
        self._passphrase = folder / "passphrase"
        # Marks the stack as complete, and contains a digest of its plain configuration.
        self._ready = folder / "stack-is-ready"

    @property
    def configuration_file(self) -> Path:
        return self._stub / f"Pulumi.{self.name}.yaml"

    @property
    def state_file(self) -> Path:
        """The file with the stack's state. Pulumi replaces it when the state changes."""
        return self._state / ".pulumi/stacks/ninefold" / f"{self.name}.json"

    def exists(self) -> bool:
        return self._ready.exists()

    def has_resources(self) -> bool:
        """Whether an `up` has created any resource."""
        if not self.state_file.exists():
            return False
        latest = json.loads(self.state_file.read_text())["checkpoint"].get("latest") or {}
        return bool(latest.get("resources"))

    def make(self, plain: Mapping[str, str], secret: Mapping[str, str]) -> None:
        """Creates the stack with its configuration. In an existing stack, it updates only the plain
        settings, because host keys change with the machines."""
        digest = hashlib.sha256(repr(sorted(plain.items())).encode()).hexdigest()
        if self.exists():
            if self._ready.read_text() != digest:
                self._configure(plain)
                self._project.write(self._ready, digest)
            return
        if not (self._project.root / ".build/toolchain/bin/pulumi").exists():
            raise LabError("there is no .build/toolchain/bin/pulumi: run make setup")
        self._project.make_folder(self._state)
        self._project.make_folder(self._stub)
        if not self._passphrase.exists():
            self._project.write(self._passphrase, secrets.token_urlsafe(32), 0o600)
        self._project.write(self._stub / "Pulumi.yaml", "name: ninefold\nruntime: java\n")
        if not self.configuration_file.exists():
            self._pulumi("stack", "select", "--create", self.name)
        self._configure(plain)
        self._configure(secret, "--secret")
        self._project.write(self._ready, digest)

    def remove(self) -> None:
        """Removes the stack, because its machines no longer exist."""
        self._ready.unlink(missing_ok=True)
        for folder in (self._state, self._stub):
            shutil.rmtree(folder, ignore_errors=True)

    def describe(self, description: str) -> None:
        """Sets the path of the description that the next command uses."""
        line = f"  ninefold:cluster: {json.dumps(description)}"
        lines = self.configuration_file.read_text().splitlines()
        changed = [line if old.startswith("  ninefold:cluster:") else old for old in lines]
        if line not in changed:
            changed.insert(changed.index("config:") + 1, line)
        if changed != lines:
            self._project.write(self.configuration_file, "\n".join(changed) + "\n", 0o600)

    def command(self, arguments: Sequence[str]) -> list[str]:
        """A command line of Pulumi with these arguments on this stack. Run it in the project's
        root."""
        arguments = list(arguments)
        if (verb := _verb(arguments)) in _CONFIGURED:
            after = arguments.index(verb) + 1
            arguments[after:after] = ["--config-file", str(self.configuration_file)]
        env = self._project.root / "toolchain/env"
        # bash replaces itself with Pulumi, which therefore gets the signals and sets the exit code.
        return ["bash", "-c", f'. "{env}" && exec pulumi "$@"', "pulumi", *arguments]

    def environment(self) -> dict[str, str]:
        """The environment of the command. It contains no secrets."""
        return {
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{self._state}?metadata=skip",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self._passphrase),
            "PULUMI_STACK": self.name,
        }

    def prepare(self, arguments: Sequence[str]) -> None:
        """Builds the program that the command will run, because Maven has no network in the lab."""
        if _verb(arguments) in _RUNNING:
            build = "toolchain/jar --current || make --no-print-directory jar"
            output_of(self._project.as_caller("bash", "-c", build), cwd=self._project.root)

    def _configure(self, settings: Mapping[str, str], *options: str) -> None:
        for key, value in settings.items():
            self._pulumi("config", "set", *options, f"ninefold:{key}", stdin=value)

    def _pulumi(self, *arguments: str, stdin: str = "") -> str:
        environment = self.environment()
        if arguments[0] == "stack":
            del environment["PULUMI_STACK"]
        command = self.command(["--cwd", str(self._stub), "--non-interactive", *arguments])
        return output_of(
            self._project.as_caller(*command),
            stdin=stdin,
            env=environment,
        )


def _verb(arguments: Sequence[str]) -> str:
    return next((word for word in arguments if not word.startswith("-")), "")


def plain(value: Any) -> Any:
    """The value of an input or output in a state that was exported with --show-secrets. The state
    wraps a secret as JSON inside JSON."""
    return json.loads(value["plaintext"]) if isinstance(value, dict) and _SECRET in value else value
