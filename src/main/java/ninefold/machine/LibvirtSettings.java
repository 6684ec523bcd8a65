package ninefold.machine;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import ninefold.cluster.Machines;

/**
 * What a stack's configuration says of libvirt: facts of one workstation, which a description that
 * others share should not hold.
 *
 * @param uri libvirt's URI, in place of the description's only hypervisor
 * @param domainType what runs the guests, in place of the description's
 * @param baseImage the base image's file, in place of the description's
 * @param hypervisorKey the file with the private key for hypervisors reached by ssh; without it,
 *     the user's own keys in {@code ~/.ssh}
 */
public record LibvirtSettings(
    Optional<String> uri,
    Optional<Machines.DomainType> domainType,
    Optional<String> baseImage,
    Optional<Path> hypervisorKey) {

  /** Nothing is said. */
  public static final LibvirtSettings NONE =
      new LibvirtSettings(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * The domain type of this word.
   *
   * @throws UnusableMachines if libvirt has no such type
   */
  public static Machines.DomainType domainType(String word) {
    return Stream.of(Machines.DomainType.values())
        .filter(type -> type.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new UnusableMachines(
                    "ninefold:domainType is '" + word + "'; it must be kvm or qemu"));
  }

  /**
   * The description as it holds on this workstation.
   *
   * @throws UnusableMachines if one URI is to stand for several hypervisors
   */
  Machines.Libvirt over(Machines.Libvirt described) {
    if (uri.isPresent() && described.hypervisors().size() > 1) {
      throw new UnusableMachines(
          "ninefold:libvirtUri stands for one hypervisor, and the description has "
              + described.hypervisors().size()
              + ": remove it with 'pulumi config rm ninefold:libvirtUri'");
    }
    return new Machines.Libvirt(
        described.hypervisors().stream().map(this::over).toList(),
        baseImage.map(file -> new Machines.Image(file, Optional.empty())).orElse(described.image()),
        domainType.orElse(described.domainType()),
        described.gateway(),
        described.nameservers(),
        described.protect());
  }

  private Machines.Hypervisor over(Machines.Hypervisor described) {
    return new Machines.Hypervisor(
        described.name(),
        uri.orElse(described.uri()),
        described.hostKey(),
        described.bridge(),
        described.pools());
  }
}
