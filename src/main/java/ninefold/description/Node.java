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

/**
 * One of the cluster's machines.
 *
 * @param name the machine's name, unique; also its host name
 * @param address its address in the cluster's network
 * @param roles what it does
 * @param memory the memory that services may count on
 * @param cpus virtual processors; a backup or restore uses half of them
 * @param disk size of the system disk
 * @param dataDisk size of the data disk, where the machine is made here
 * @param hypervisor the hypervisor it runs on, by name, where machines are made here
 * @param pool the storage pool, by name; the hypervisor's default if absent
 * @param hostKey the public host key of a given host, {@code ssh-ed25519 AAAA…}
 * @param sshAddress where ssh reaches it, if not at its address
 * @param tags Patroni's tags
 * @param generation raised when the machine is not as the steps left it, so that all run again
 */
public record Node(
    @Description("Name of the machine, also its host name.") @Format(TextFormat.NAME) String name,
    @Description("Address in the cluster's network.") @Format(TextFormat.ADDRESS) String address,
    @Description("What the machine does.") @NotEmpty List<Role> roles,
    @Description("Memory that services may count on.") @Default("512MiB") Size memory,
    @Description("Virtual processors; a backup or restore uses half of them.")
        @Default("1")
        @Min(1)
        @Max(1024)
        int cpus,
    @Description("Size of the system disk of a machine made here.") @Default("10GiB") Size disk,
    @Description("Size of the data disk of a machine made here.") @Default("20GiB") Size dataDisk,
    @Description("Name of the hypervisor that a machine made here runs on.")
        @Format(TextFormat.NAME)
        Optional<String> hypervisor,
    @Description("Storage pool on the hypervisor; its first one if absent.")
        @Format(TextFormat.NAME)
        Optional<String> pool,
    @Description("Public host key of a given host, as in: ssh-ed25519 AAAA…")
        @Format(TextFormat.HOST_KEY)
        Optional<String> hostKey,
    @Description("Where ssh reaches the machine, if not at its address.") @Format(TextFormat.HOST)
        Optional<String> sshAddress,
    @Description("Patroni's tags.") @Default("{}") Tags tags,
    @Description(
            "Raised when the machine is not as its steps left it, so that all of them run again.")
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

  /**
   * Patroni's tags for a node.
   *
   * @param nofailover never becomes the leader
   * @param noloadbalance gets no reads from the balancers
   * @param nosync never becomes the synchronous replica
   * @param clonefrom is preferred as the source of new replicas
   * @param failoverPriority higher is preferred as the next leader; 0 is never
   */
  public record Tags(
      @Description("Never becomes the leader.") @Default("false") boolean nofailover,
      @Description("Gets no reads from the balancers.") @Default("false") boolean noloadbalance,
      @Description("Never becomes the synchronous replica.") @Default("false") boolean nosync,
      @Description("Preferred as the source of new replicas.") @Default("false") boolean clonefrom,
      @Description("Higher is preferred as the next leader; 0 is never.")
          @Default("1")
          @Min(0)
          @Max(1000)
          int failoverPriority) {}
}
