package ninefold.cluster;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.util.List;
import java.util.Optional;

/** One of the cluster's machines. */
public record Node(
    @Doc("Name of the node. It is also the machine's host name.") @Written(Form.NAME) String name,
    @Doc("Address in the cluster's network.") @Written(Form.ADDRESS) String address,
    @Doc("Roles of the node.") @NotEmpty List<Role> roles,
    @Doc("Memory that the services may use.") @Default("512MiB") Size memory,
    @Doc("Number of processors. A backup or restore uses half of them.")
        @Default("1")
        @Min(1)
        @Max(1024)
        int cpus,
    @Doc("Size of the system disk of a virtual machine that the stack creates.") @Default("10GiB")
        Size disk,
    @Doc("Size of the data disk of a virtual machine that the stack creates.") @Default("20GiB")
        Size dataDisk,
    @Doc("Name of the hypervisor on which to create the virtual machine.") @Written(Form.NAME)
        Optional<String> hypervisor,
    @Doc("Storage pool on the hypervisor. If left out, the hypervisor's first one.")
        @Written(Form.NAME)
        Optional<String> pool,
    @Doc("Public host key of an existing host, such as: ssh-ed25519 AAAA…") @Written(Form.HOST_KEY)
        Optional<String> hostKey,
    @Doc("Name or address for ssh, if different from the node's address.") @Written(Form.HOST)
        Optional<String> sshAddress,
    @Doc("Patroni's tags.") @Default("{}") Tags tags,
    @Doc(
            "Generation of the machine. Raise it if the machine was reinstalled or reset, so that all its steps run again.")
        @Default("1")
        @Min(1)
        @Max(1000000)
        int generation) {

  /** Keeps a copy that cannot be changed. */
  public Node {
    roles = List.copyOf(roles);
  }

  /** Whether the node has the role. */
  public boolean is(Role role) {
    return roles.contains(role);
  }

  /** Patroni's tags for a node. */
  public record Tags(
      @Doc("Whether the node never becomes the leader.") @Default("false") boolean nofailover,
      @Doc("Whether the balancers send no reads to the node.") @Default("false")
          boolean noloadbalance,
      @Doc("Whether the node never becomes a synchronous replica.") @Default("false")
          boolean nosync,
      @Doc("Whether Patroni prefers the node as the source of new replicas.") @Default("false")
          boolean clonefrom,
      @Doc(
              "Priority as the next leader; higher is preferred. With 0, the node never becomes the leader.")
          @Default("1")
          @Min(0)
          @Max(1000)
          int failoverPriority) {}
}
