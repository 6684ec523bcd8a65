package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.util.List;
import java.util.Optional;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** Where the machines come from: existing hosts, or virtual machines on libvirt. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Machines.Given.class, name = "given"),
  @JsonSubTypes.Type(value = Machines.Libvirt.class, name = "libvirt")
})
public sealed interface Machines {

  /** Existing hosts. */
  @Description("Existing servers.")
  record Given(
      @Description(
              "Whether to delete the data listed in drop.data and drop.backups when its node leaves the"
                  + " cluster or the stack is destroyed.")
          @Default("false")
          boolean wipe)
      implements Machines {}

  /** Virtual machines on one or more hypervisors. */
  @Description("Virtual machines that the stack creates on one or more hypervisors.")
  record Libvirt(
      @Description("Hypervisors on which to create the machines.") @NotEmpty
          List<Hypervisor> hypervisors,
      @Description("Base image of all machines.") Image image,
      @Description("How to run the virtual machines.") @Default("kvm") DomainType domainType,
      @Description("Default gateway of the machines.") @Format(TextFormat.ADDRESS)
          Optional<String> gateway,
      @Description("DNS servers of the machines.") @Default("[]") @Format(TextFormat.ADDRESS)
          List<String> nameservers,
      @Description("Whether pulumi destroy refuses to delete data disks.") @Default("true")
          boolean protect,
      @Description(
              "Generation of the administrator's ssh key. A different number is a different key.")
          @Default("1")
          @Min(1)
          @Max(1000000)
          int sshKey,
      @Description(
              "Generation of a second ssh key that the machines accept while the key is rotated.")
          @Min(1)
          @Max(1000000)
          Optional<Integer> sshKeyAlsoTrusted,
      @Description(
              "Generation of the machines' host keys. A different number is a different key. Odd"
                  + " generations are Ed25519 keys, even ones ECDSA keys.")
          @Default("1")
          @Min(1)
          @Max(1000000)
          int hostKeys,
      @Description(
              "Generation of second host keys that the machines offer while host keys are rotated.")
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

  /** Libvirt's domain type: how to run the virtual machines. */
  enum DomainType {
    @JsonProperty("kvm")
    @Description("With hardware acceleration.")
    KVM,
    @JsonProperty("qemu")
    @Description("Without hardware acceleration.")
    QEMU;

    /** The type as libvirt writes it. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** A base image. */
  record Image(
      @Description("Path or URL of the image.") @Format(TextFormat.SOURCE) String source,
      @Description("SHA-256 checksum of the image. Required for a URL.") @Format(TextFormat.SHA256)
          Optional<String> sha256) {}

  /** A hypervisor. */
  record Hypervisor(
      @Description("Name by which nodes refer to the hypervisor.") @Format(TextFormat.NAME)
          String name,
      @Description("URI of libvirt: qemu:///system or qemu+ssh://user@host/system.")
          @Format(TextFormat.LIBVIRT)
          String uri,
      @Description("Public host key of the hypervisor. Required for ssh.")
          @Format(TextFormat.HOST_KEY)
          Optional<String> hostKey,
      @Description(
              "Existing bridge to attach the machines to. If left out, the stack creates an isolated network.")
          @Format(TextFormat.INTERFACE)
          Optional<String> bridge,
      @Description("Storage pools. The first one is the default.") @NotEmpty List<Pool> pools) {

    /** Keeps a copy that cannot be changed. */
    public Hypervisor {
      pools = List.copyOf(pools);
    }
  }

  /** A storage pool: a directory on a hypervisor. */
  record Pool(
      @Description("Name of the storage pool in libvirt.") @Format(TextFormat.NAME) String name,
      @Description("Directory of the pool on the hypervisor.") @Format(TextFormat.PATH) String path,
      @Description("Whether the stack creates the pool. Set it to false if the pool exists.")
          @Default("true")
          boolean create) {}
}
