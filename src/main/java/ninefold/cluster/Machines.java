package ninefold.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.util.List;
import java.util.Optional;

/** Where the machines come from: existing hosts, or virtual machines on libvirt. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Machines.Given.class, name = "given"),
  @JsonSubTypes.Type(value = Machines.Libvirt.class, name = "libvirt")
})
public sealed interface Machines {

  /** Hosts that exist already. */
  @Doc("Existing servers.")
  record Given(
      @Doc(
              "Whether to delete the data listed in drop.data and drop.backups when its node leaves the"
                  + " cluster or the stack is destroyed.")
          @Default("false")
          boolean wipe)
      implements Machines {}

  /** Virtual machines, made on one hypervisor or several. */
  @Doc("Virtual machines that the stack creates on one or more hypervisors.")
  record Libvirt(
      @Doc("Hypervisors on which to create the machines.") @NotEmpty List<Hypervisor> hypervisors,
      @Doc("Base image of all machines.") Image image,
      @Doc("How to run the virtual machines.") @Default("kvm") DomainType domainType,
      @Doc("Default gateway of the machines.") @Written(Form.ADDRESS) Optional<String> gateway,
      @Doc("DNS servers of the machines.") @Default("[]") @Written(Form.ADDRESS)
          List<String> nameservers,
      @Doc("Whether pulumi destroy refuses to delete data disks.") @Default("true") boolean protect,
      @Doc("Generation of the administrator's ssh key. A different number is a different key.")
          @Default("1")
          @Min(1)
          @Max(1000000)
          int sshKey,
      @Doc("Generation of a second ssh key that the machines accept while the key is rotated.")
          @Min(1)
          @Max(1000000)
          Optional<Integer> sshKeyAlsoTrusted,
      @Doc(
              "Generation of the machines' host keys. A different number is a different key. Odd"
                  + " generations are Ed25519 keys, even ones ECDSA keys.")
          @Default("1")
          @Min(1)
          @Max(1000000)
          int hostKeys,
      @Doc("Generation of second host keys that the machines offer while host keys are rotated.")
          @Min(1)
          @Max(1000000)
          Optional<Integer> hostKeysAlsoShown)
      implements Machines {

    /** Keeps copies that cannot be changed. */
    public Libvirt {
      hypervisors = List.copyOf(hypervisors);
      nameservers = List.copyOf(nameservers);
    }
  }

  /** What runs the guests. */
  enum DomainType {
    @JsonProperty("kvm")
    @Doc("With hardware acceleration.")
    KVM,
    @JsonProperty("qemu")
    @Doc("Without hardware acceleration.")
    QEMU;

    /** The type as libvirt writes it. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** A base image. */
  record Image(
      @Doc("Path or URL of the image.") @Written(Form.SOURCE) String source,
      @Doc("SHA-256 checksum of the image. Required for a URL.") @Written(Form.SHA256)
          Optional<String> sha256) {}

  /** A hypervisor. */
  record Hypervisor(
      @Doc("Name by which nodes refer to the hypervisor.") @Written(Form.NAME) String name,
      @Doc("URI of libvirt: qemu:///system or qemu+ssh://user@host/system.") @Written(Form.LIBVIRT)
          String uri,
      @Doc("Public host key of the hypervisor. Required for ssh.") @Written(Form.HOST_KEY)
          Optional<String> hostKey,
      @Doc(
              "Existing bridge to attach the machines to. If left out, the stack creates an isolated network.")
          @Written(Form.INTERFACE)
          Optional<String> bridge,
      @Doc("Storage pools. The first one is the default.") @NotEmpty List<Pool> pools) {

    /** Keeps a copy that cannot be changed. */
    public Hypervisor {
      pools = List.copyOf(pools);
    }
  }

  /** A storage pool: a directory on a hypervisor. */
  record Pool(
      @Doc("Name of the storage pool in libvirt.") @Written(Form.NAME) String name,
      @Doc("Directory of the pool on the hypervisor.") @Written(Form.PATH) String path,
      @Doc("Whether the stack creates the pool. Set it to false if the pool exists.")
          @Default("true")
          boolean create) {}
}
