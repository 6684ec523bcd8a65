package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.util.List;
import java.util.Optional;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** One of the cluster's machines. */
public record Node(
    @Description("Name of the node. It is also the machine's host name.") @Format(TextFormat.NAME)
        String name,
    @Description("Address in the cluster's network.") @Format(TextFormat.ADDRESS) String address,
    @Description("Roles of the node.") @NotEmpty List<Role> roles,
    @Description("Memory that the services may use.") @Default("512MiB") Size memory,
    @Description("Number of processors. A backup or restore uses half of them.")
        @Default("1")
        @Min(1)
        @Max(1024)
        int cpus,
    @Description("Size of the system disk of a virtual machine that the stack creates.")
        @Default("10GiB")
        Size disk,
    @Description("Size of the data disk of a virtual machine that the stack creates.")
        @Default("20GiB")
        Size dataDisk,
    @Description("Name of the hypervisor on which to create the virtual machine.")
        @Format(TextFormat.NAME)
        Optional<String> hypervisor,
    @Description("Storage pool on the hypervisor. If left out, the hypervisor's first one.")
        @Format(TextFormat.NAME)
        Optional<String> pool,
    @Description("Public host key of an existing host, such as: ssh-ed25519 AAAA…")
        @Format(TextFormat.HOST_KEY)
        Optional<String> hostKey,
    @Description("Name or address for ssh, if different from the node's address.")
        @Format(TextFormat.HOST)
        Optional<String> sshAddress,
    @Description("Patroni's tags.") @Default("{}") Tags tags,
    @Description(
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
      @Description("Whether the node never becomes the leader.") @Default("false")
          boolean nofailover,
      @Description("Whether the balancers send no reads to the node.") @Default("false")
          boolean noloadbalance,
      @Description("Whether the node never becomes a synchronous replica.") @Default("false")
          boolean nosync,
      @Description("Whether Patroni prefers the node as the source of new replicas.")
          @Default("false")
          boolean clonefrom,
      @Description(
              "Priority as the next leader; higher is preferred. With 0, the node never becomes the leader.")
          @Default("1")
          @Min(0)
          @Max(1000)
          int failoverPriority) {}
}
