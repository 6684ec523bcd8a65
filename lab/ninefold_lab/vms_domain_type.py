"""The domain type of the guests: kvm if a guest boots with it, otherwise qemu.

With nested virtualisation, /dev/kvm may exist and guests still hang or crash. So the lab boots one.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from .process import LabError
from .progress import Progress
from .project import Project
from .vms_image import Image

KVM_TIMEOUT = 30  # s; with a working kvm the guest takes 3 s
_DEVICE = Path("/dev/kvm")
# The kernel prints its command line, so the marker must not occur in it. The guest's shell computes
# it.
_MARKER = b"ninefold-42"
_PROGRAM = "echo ninefold-$((40+2)); echo o >/proc/sysrq-trigger; read forever"


def domain_type(project: Project, progress: Progress, image: Image) -> str:
    """`kvm` or `qemu`. The result is stored for this kernel and device."""
    kept = project.cache / "vms-domain-type.json"
    question = {"kernel": os.uname().release, "kvm": _DEVICE.exists()}
    if kept.exists():
        answer = json.loads(kept.read_text())
        if answer["question"] == question:
            return str(answer["type"])
    with progress.phase("trying kvm"):
        found = "kvm" if _DEVICE.exists() and _boots_with_kvm(image) else "qemu"
    progress.say(f"the guests' domain type is {found}")
    project.write(kept, json.dumps({"question": question, "type": found}))
    return found


def _boots_with_kvm(image: Image) -> bool:
    command = [
        "qemu-system-x86_64",
        "-machine", "pc,accel=kvm",
        "-m", "512",
        "-nodefaults",
        "-nographic",
        "-no-reboot",
        "-snapshot",
        "-serial", "stdio",
        "-drive", f"file={image.disk},if=virtio",
        "-kernel", str(image.kernel),
        "-initrd", str(image.initrd),
        "-append",
        f'root=/dev/vda1 ro console=ttyS0 quiet panic=-1 init=/bin/sh -- -c "{_PROGRAM}"',
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=KVM_TIMEOUT
        )
        output = done.stdout
    except subprocess.TimeoutExpired as hung:
        output = hung.stdout or b""
    except FileNotFoundError:
        raise LabError("QEMU is not installed: run toolchain/system-packages") from None
    return _MARKER in output
