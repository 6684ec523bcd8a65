package ninefold.machine;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import ninefold.description.Machines;

/**
 * The libvirt settings of a stack's configuration. They depend on the workstation, so a shared
 * description should not contain them.
 *
 * @param uri a libvirt URI that replaces that of the description's only hypervisor
 * @param domainType the domain type that replaces the description's
 * @param baseImage the path of the base image that replaces the description's
 * @param hypervisorKey the path of the private key for hypervisors that are reached over ssh; if
 *     absent, the user's keys in {@code ~/.ssh}
 */
public record LibvirtSettings(
    Optional<String> uri,
    Optional<Machines.DomainType> domainType,
    Optional<String> baseImage,
    Optional<Path> hypervisorKey) {

  private static final Pattern URI_FORM =
      Pattern.compile(
          "(qemu|qemu\\+unix|test):///[a-z]+(\\?socket=[^&]+)?"
              + "|qemu\\+ssh://[a-z_][a-z0-9_-]{0,31}@[A-Za-z0-9.-]+(:[0-9]{1,5})?/system");

  /**
   * Returns the domain type of a word of the configuration.
   *
   * @throws UnusableMachinesException if it is neither {@code kvm} nor {@code qemu}
   */
  public static Machines.DomainType domainType(String word) {
    return Stream.of(Machines.DomainType.values())
        .filter(type -> type.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new UnusableMachinesException(
                    "ninefold:domainType is '" + word + "'; it must be kvm or qemu"));
  }

  /**
   * Returns the description's machines with the settings of this workstation.
   *
   * @throws UnusableMachinesException if the URI or the image cannot replace the description's
   */
  Machines.Libvirt over(Machines.Libvirt described) {
    if (uri.isPresent() && described.hypervisors().size() > 1) {
      throw new UnusableMachinesException(
          "ninefold:libvirtUri replaces one hypervisor, and the description has "
              + described.hypervisors().size()
              + ": remove it with 'pulumi config rm ninefold:libvirtUri'");
    }
    baseImage
        .filter(source -> source.contains("://"))
        .ifPresent(
            source -> {
              throw new UnusableMachinesException(
                  "ninefold:baseImage is '"
                      + source
                      + "'; it must be a file. An image with a URL needs a checksum: describe it in"
                      + " machines.image");
            });
    return new Machines.Libvirt(
        described.hypervisors().stream().map(this::over).toList(),
        baseImage.map(file -> new Machines.Image(file, Optional.empty())).orElse(described.image()),
        domainType.orElse(described.domainType()),
        described.gateway(),
        described.nameservers(),
        described.protect(),
        described.sshKey(),
        described.sshKeyAlsoTrusted(),
        described.hostKeys(),
        described.hostKeysAlsoShown());
  }

  private Machines.Hypervisor over(Machines.Hypervisor described) {
    uri.ifPresent(text -> requireUsable(text, described));
    return new Machines.Hypervisor(
        described.name(),
        uri.orElse(described.uri()),
        described.hostKey(),
        described.bridge(),
        described.pools());
  }

  /** Applies the rules for a URI of the description, and also accepts libvirt's test driver. */
  private static void requireUsable(String uri, Machines.Hypervisor described) {
    if (!URI_FORM.matcher(uri).matches()) {
      throw new UnusableMachinesException(
          "ninefold:libvirtUri is '"
              + uri
              + "'; it must be qemu:///system or qemu+ssh://user@host/system");
    }
    if (uri.startsWith("qemu+ssh:") && described.hostKey().isEmpty()) {
      throw new UnusableMachinesException(
          "ninefold:libvirtUri is reached by ssh, and hypervisor '"
              + described.name()
              + "' has no hostKey in the description; add it there");
    }
  }
}
