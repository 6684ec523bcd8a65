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

/** Where the machines come from: made on libvirt, or given. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Machines.Given.class, name = "given"),
  @JsonSubTypes.Type(value = Machines.Libvirt.class, name = "libvirt")
})
public sealed interface Machines {

  /**
   * Hosts that exist already.
   *
   * @param wipe whether the data that {@code drop} names is deleted with its machine's part in the
   *     cluster
   */
  @Description("Servers that exist already.")
  record Given(
      @Description(
              "Whether data is deleted when a node leaves the cluster, by destroy too; only that which"
                  + " drop.data and drop.backups name.")
          @Default("false")
          boolean wipe)
      implements Machines {}

  /**
   * Virtual machines, made on one hypervisor or several.
   *
   * @param hypervisors where machines run
   * @param image the base image
   * @param domainType what runs the guests
   * @param gateway the default gateway, if there is one
   * @param nameservers DNS servers
   * @param protect whether {@code pulumi destroy} refuses to remove data disks
   * @param sshKey the generation of the administrator's key
   * @param sshKeyAlsoTrusted the generation of a further key that lets the administrator in; 0 for
   *     none
   * @param hostKeys the generation of the machines' host keys; of an odd one they are Ed25519, of
   *     an even one ECDSA
   * @param hostKeysAlsoShown the generation of further host keys that machines show; 0 for none
   */
  @Description("Virtual machines, made on one hypervisor or several.")
  record Libvirt(
      @Description("Where machines run.") @NotEmpty List<Hypervisor> hypervisors,
      @Description("The base image of all machines.") Image image,
      @Description("What runs the guests: kvm, or qemu without hardware help.") @Default("kvm")
          DomainType domainType,
      @Description("Default gateway of the machines.") @Format(TextFormat.ADDRESS)
          Optional<String> gateway,
      @Description("DNS servers of the machines.") @Default("[]") @Format(TextFormat.ADDRESS)
          List<String> nameservers,
      @Description("Whether destroy refuses to remove data disks.") @Default("true")
          boolean protect,
      @Description("Generation of the administrator's ssh key; another generation is another key.")
          @Default("1")
          @Min(1)
          @Max(1000000)
          int sshKey,
      @Description("Generation of a further ssh key that machines trust meanwhile; 0 for none.")
          @Default("0")
          @Min(0)
          @Max(1000000)
          int sshKeyAlsoTrusted,
      @Description(
              "Generation of the machines' host keys; another generation is other keys. Those of an"
                  + " odd one are Ed25519, those of an even one ECDSA.")
          @Default("1")
          @Min(1)
          @Max(1000000)
          int hostKeys,
      @Description("Generation of further host keys that machines show meanwhile; 0 for none.")
          @Default("0")
          @Min(0)
          @Max(1000000)
          int hostKeysAlsoShown)
      implements Machines {

    /** Keeps copies that cannot be changed. */
    public Libvirt {
      hypervisors = List.copyOf(hypervisors);
      nameservers = List.copyOf(nameservers);
    }
  }

  /** What runs the guests. */
  enum DomainType {
    /** With hardware help. */
    @JsonProperty("kvm")
    KVM,
    /** Without. */
    @JsonProperty("qemu")
    QEMU;

    /** libvirt's word. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * A base image.
   *
   * @param source a file on the workstation, or a URL
   * @param sha256 the checksum, required for a URL
   */
  record Image(
      @Description("A file, or a URL.") @Format(TextFormat.SOURCE) String source,
      @Description("SHA-256 of the image, required for a URL.") @Format(TextFormat.SHA256)
          Optional<String> sha256) {}

  /**
   * A hypervisor.
   *
   * @param name how nodes refer to it
   * @param uri libvirt's URI: {@code qemu:///system} or {@code qemu+ssh://user@host/system}
   * @param hostKey the hypervisor's public host key, required for ssh
   * @param bridge an existing bridge the machines are attached to; without it an isolated network
   *     is made
   * @param pools storage pools
   */
  record Hypervisor(
      @Description("How nodes refer to it.") @Format(TextFormat.NAME) String name,
      @Description("libvirt's URI: qemu:///system, or qemu+ssh://user@host/system.")
          @Format(TextFormat.LIBVIRT)
          String uri,
      @Description("Public host key of the hypervisor, required for ssh.")
          @Format(TextFormat.HOST_KEY)
          Optional<String> hostKey,
      @Description("An existing bridge; without it an isolated network is made.")
          @Format(TextFormat.INTERFACE)
          Optional<String> bridge,
      @Description("Storage pools; the first one is the default.") @NotEmpty List<Pool> pools) {

    /** Keeps a copy that cannot be changed. */
    public Hypervisor {
      pools = List.copyOf(pools);
    }
  }

  /**
   * A storage pool: a directory on a hypervisor.
   *
   * @param name libvirt's name of the pool
   * @param path the directory
   * @param create whether the pool is made here, or exists
   */
  record Pool(
      @Description("Name of the pool.") @Format(TextFormat.NAME) String name,
      @Description("Its directory on the hypervisor.") @Format(TextFormat.PATH) String path,
      @Description("Whether the pool is made by the stack; false when it exists.") @Default("true")
          boolean create) {}
}
