"""The containers lab: its machines are systemd-nspawn containers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .cgroup import Cgroup, hierarchy
from .container import REPOSITORY_PORT, Container, Identity, Image
from .frozen import FrozenCluster
from .host_limits import raise_limits, restore_limits
from .image import Images
from .lab import Lab
from .nodes import (
    HOST_ADDRESS,
    OUTSIDER,
    Node,
    check_fit,
    described,
    from_json,
    named,
    to_json,
)
from .process import LabError, output_of, wait_for
from .progress import Progress
from .project import Project
from .ssh import ADMIN, Keys
from .switch import HOST, Switch

_SERVER = "repository-server"


class ContainersLab(Lab):
    """Containers on a bridge in a network namespace, with an apt repository."""

    kind = "containers"
    stack_name = "containers"
    description = "stacks/containers.yaml"

    def __init__(self, project: Project, progress: Progress) -> None:
        super().__init__(project, progress)
        self._switch = Switch(self.namespace)
        self._keys = Keys(project, self.folder)
        self._cgroup = Cgroup(hierarchy() / f"ninefold-{project.id}-containers")
        self._record = self.folder / "nodes.json"

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes that were created; before that, the nodes of the description."""
        if self._record.exists():
            return from_json(self._record.read_text())
        return described(self.description_file)

    def machines(self) -> tuple[Node, ...]:
        return (*self.nodes, OUTSIDER)

    def create(self, *, preinstalled: bool = False, fresh: bool = False, **_: Any) -> None:
        """Creates machines from the image; with `fresh`, empty disks and an empty stack."""
        images = Images(self.project, self.progress, self._cgroup.child("image"))
        with self.locked():
            wanted = self._wanted(described(self.description_file), fresh)
            image = self._image(images, preinstalled)
            if fresh:
                self._remove_machines_and_stack()
            self._check_made_from(image)
            self._record_machines(wanted)
            self._connect(image.repository)
            self._for_each(wanted, lambda node: self._make_disk(node, image))
            self._boot()

    def add(self, name: str) -> None:
        """Creates one more machine of the description, while the others run."""
        with self.locked():
            node = named(name, described(self.description_file))
            container = self._container(node)
            if container.image() is not None:
                raise LabError(
                    f"the lab has {name} already: lab/lab containers power-on {name} starts it"
                )
            self._need_network()
            others = tuple(other for other in self.nodes if other.name != name)
            check_fit((*others, node))
            self._keys.make((*others, node, OUTSIDER))
            self._make_disk(node, self._container(others[0]).image_or_fail())
            self._record_machines((*others, node))
            container.boot()
            container.wait_for_ssh()

    def remove(self, node: Node) -> None:
        """Removes a machine, its disk and its host key, while the others run."""
        with self.locked():
            rest = tuple(other for other in self.nodes if other.name != node.name)
            if not rest:
                raise LabError(
                    f"{node.name} is the lab's last machine: run lab/lab containers destroy instead"
                )
            self._container(node).cut_power()
            self._container(node).remove_disk()
            self._keys.remove(node)
            self._record_machines(rest)

    def freeze(self, folder: Path) -> None:
        """Stops the cluster in order and saves it. Afterwards the lab has no machines."""
        frozen = FrozenCluster(self.project, folder)
        with self.locked():
            self._require_own_cluster()
            frozen.require_room(self.folder)
            self._stop()
            with self.progress.phase(f"saving to {folder}"):
                frozen.keep(self.folder, map(self._container, self.nodes))
                self._remove_machines_and_stack()

    def thaw(self, folder: Path) -> None:
        """Replaces the lab's machines, stack and keys by those of a frozen cluster."""
        frozen = FrozenCluster(self.project, folder)
        with self.locked():
            nodes = frozen.nodes()
            self._remove_machines_and_stack()
            frozen.bring_to(self.folder)
            self._record_machines(nodes)
            self._connect(frozen.repository())
            self._for_each(nodes, lambda node: frozen.thaw_disk(self._container(node)))
            self._boot()

    def is_running(self, node: Node) -> bool:
        return self._container(node).is_running()

    def power_off(self, node: Node) -> None:
        self._container(node).cut_power()

    def power_on(self, node: Node) -> None:
        container = self._container(node)
        if node == OUTSIDER and container.image() is None:
            self._need_network()
            self._make_disk(node, self._container(self.nodes[0]).image_or_fail())
        if not container.is_running():
            container.boot()
        container.wait_for_ssh()

    def ssh_command(self, node: Node, command: Sequence[str]) -> list[str]:
        return ["ssh", "-F", str(self._keys.config), node.name, *command]

    def link(self, node: Node, *, up: bool) -> None:
        """Disconnects the node's network cable, or connects it."""
        if not self._switch.has(node):
            raise LabError(
                f"{node.name} is off, so it has no link:"
                f" run lab/lab containers power-on {node.name} first"
            )
        self._switch.link_up(node) if up else self._switch.link_down(node)

    def cut(self, node: str, others: Iterable[str]) -> None:
        """Drops all packets between the node and the others (or the host), in both directions."""
        self._need_network()
        names = {*(n.name for n in self.machines()), HOST}
        for name in (node, *others):
            if name not in names:
                raise LabError(
                    f"no node is called {name}: it must be one of {', '.join(sorted(names))}"
                )
        self._switch.cut(node, [other for other in others if other != node])

    def heal(self) -> None:
        """Undoes all cuts."""
        self._need_network()
        self._switch.heal()

    def configuration(self) -> tuple[dict[str, str], dict[str, str]]:
        return (
            {
                "cluster": self.description,
                "knownHosts": self._keys.known_hosts(self.machines()),
            },
            {
                "sshPrivateKey": self._keys.private(ADMIN),
                "backupPassphrase": self._backup_passphrase(),
            },
        )

    def destroy(self) -> None:
        self._refuse_from_inside()
        with self.locked():
            self._for_each(self._recorded(), lambda node: self._container(node).cut_power())
            self._cgroup.kill()
            self._end_processes_inside()
            self.namespace.remove()
            if not any(hierarchy().glob("ninefold-*-containers")):
                restore_limits()
            shutil.rmtree(self.folder)
        self._check_nothing_is_left()

    def _container(self, node: Node) -> Container:
        return Container(self.project, self.namespace, self._switch, self._cgroup, node)

    def _recorded(self) -> tuple[Node, ...]:
        """The machines that may exist, whatever the description contains now."""
        return self.machines() if self._record.exists() else ()

    def _wanted(self, described: Sequence[Node], fresh: bool) -> tuple[Node, ...]:
        """The machines of the description, and those that only the lab has."""
        present = self.nodes if self._record.exists() and not fresh else ()
        addresses = {node.name: node.address for node in present}
        for node in described:
            if addresses.get(node.name, node.address) != node.address:
                raise LabError(
                    f"{node.name} has the address {addresses[node.name]} in the lab, and"
                    f" {node.address} in the description: run lab/lab containers remove"
                    f" {node.name}, then create again"
                )
        names = {node.name for node in described}
        wanted = (*described, *(node for node in present if node.name not in names))
        check_fit(wanted)
        return wanted

    def _record_machines(self, nodes: Sequence[Node]) -> None:
        """Records the machines, and creates their keys."""
        self._keys.make((*nodes, OUTSIDER))
        self.project.write(self._record, to_json(nodes))

    def _connect(self, repository: Path) -> None:
        """Creates the network, and starts the apt repository in it."""
        self._cgroup.make()  # while it exists, other copies of the project leave the limits raised
        raise_limits()
        self.namespace.make()
        self._switch.make()
        self._serve(repository)

    def _require_own_cluster(self) -> None:
        if not self.stack.has_resources():
            raise LabError("the lab has no cluster to freeze: run lab/lab containers deploy first")
        for container in map(self._container, self.nodes):
            if container.is_thawed():
                raise LabError(
                    f"{container.node.name} was thawed, and only a cluster that was built in this"
                    " lab can be frozen: run lab/lab containers deploy --fresh first"
                )

    def _stop(self) -> None:
        """Stops Patroni, on the leader last so that no replica takes over, and then the machines.
        etcd and the repository stop last, because the leader needs them until it has stopped."""
        self._container(OUTSIDER).cut_power()
        running = [node for node in self.nodes if self.is_running(node)]
        database_nodes = [node for node in running if "postgres" in node.roles]
        leader = self._leader(database_nodes)
        if database_nodes and leader is None:
            raise LabError("the cluster has no leader, and freeze saves only a healthy cluster")
        with self.progress.phase("stopping PostgreSQL"):
            self._for_each(
                [node for node in database_nodes if node.name != leader], self._stop_patroni
            )
            self._for_each(
                [node for node in database_nodes if node.name == leader], self._stop_patroni
            )
        last = [node for node in running if not {"etcd", "repository"}.isdisjoint(node.roles)]
        rest = [node for node in running if node not in last]
        # An etcd member that stops transfers its leadership. It would wait in vain if all stopped
        # at once.
        with self.progress.phase("stopping the machines"):
            for group in filter(None, (rest, *([node] for node in last))):
                self._for_each(group, lambda node: self._container(node).shut_down())

    def _stop_patroni(self, node: Node) -> None:
        command = self.ssh_command(node, ["sudo systemctl stop patroni"])
        output_of(self._inside(*command), timeout=120)

    def _remove_machines_and_stack(self) -> None:
        self._for_each(self._recorded(), lambda node: self._container(node).cut_power())
        self._for_each(self._recorded(), lambda node: self._container(node).remove_disk())
        self._cgroup.child(_SERVER).kill()
        self._record.unlink(missing_ok=True)
        self.stack.remove()

    def _image(self, images: Images, preinstalled: bool) -> Image:
        base = images.base()
        layers = (images.packages(), base) if preinstalled else (base,)
        return Image(layers, images.repository())

    def _check_made_from(self, image: Image) -> None:
        for container in map(self._container, self._recorded()):
            if container.image() not in (None, image):
                raise LabError(
                    f"{container.node.name} was created from a different image (the recipe has"
                    " changed, or only one of the two runs had --preinstalled): run lab/lab"
                    " containers create --fresh to start again, or destroy"
                )

    def _make_disk(self, node: Node, image: Image) -> None:
        container = self._container(node)
        if container.image() is None:
            identity = Identity(
                host_key=self._keys.private(node.name),
                host_key_public=self._keys.public(node.name),
                admin_key_public=self._keys.public(ADMIN),
            )
            container.make_disk(image, identity)

    def _boot(self) -> None:
        """Starts the nodes that are off. Waits for all, because an earlier `create` may have been
        interrupted."""
        nodes = self.nodes
        off = [node for node in nodes if not self.is_running(node)]
        with self.progress.phase(f"booting {len(off)} of {len(nodes)} nodes"):
            self._for_each(off, lambda node: self._container(node).boot())
            self._for_each(nodes, lambda node: self._container(node).wait_for_ssh())

    def _serve(self, repository: Path) -> None:
        """Serves the apt repository over HTTP, from the host's address in the lab's network."""
        if self._is_served():
            return
        cgroup = self._cgroup.child(_SERVER)
        cgroup.kill()
        cgroup.make()
        server = [
            sys.executable,
            "-m",
            "ninefold_lab.repository_server",
            HOST_ADDRESS,
            str(REPOSITORY_PORT),
            str(repository),
        ]
        with (self.folder / "repository-server.log").open("ab") as log:
            subprocess.Popen(
                self.namespace.enter(*cgroup.command(*server)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.project.root / "lab",
                start_new_session=True,
            )
        wait_for(
            self._is_served,
            f"the apt repository on {HOST_ADDRESS}:{REPOSITORY_PORT} to answer"
            f" (its log: {self.folder / 'repository-server.log'})",
            20,
        )

    def _is_served(self) -> bool:
        try:
            self.namespace.connect(HOST_ADDRESS, REPOSITORY_PORT, 1).close()
        except OSError:
            return False
        return True

    def _need_network(self) -> None:
        if not self.namespace.exists():
            raise LabError("the lab does not exist: run lab/lab containers create")

    def _for_each(self, nodes: Sequence[Node], act: Callable[[Node], None]) -> None:
        """Acts on all nodes at once. The error that it raises contains those of all nodes."""
        with ThreadPoolExecutor(max(1, len(nodes))) as pool:
            futures = [pool.submit(act, node) for node in nodes]
        errors = [error for future in futures if (error := future.exception())]
        if len(errors) == 1 or any(not isinstance(error, LabError) for error in errors):
            raise errors[0]
        if errors:
            raise LabError("\n".join(map(str, errors)))

    def _check_nothing_is_left(self) -> None:
        mounts = Path("/proc/self/mounts").read_text().splitlines()
        left = [
            *(line.split()[1] for line in mounts if str(self.folder) in line),
            *(str(p) for p in (self.namespace.path, self._cgroup.path, self.folder) if p.exists()),
        ]
        if left:
            raise LabError("destroy left these behind: " + ", ".join(left))
