package ninefold.machine;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import ninefold.description.Machines;

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

  private static final Pattern URI_FORM =
      Pattern.compile(
          "(qemu|qemu\\+unix|test):///[a-z]+(\\?socket=[^&]+)?"
              + "|qemu\\+ssh://[a-z_][a-z0-9_-]{0,31}@[A-Za-z0-9.-]+(:[0-9]{1,5})?/system");

  /**
   * The domain type of this word.
   *
   * @throws UnusableMachinesException if libvirt has no such type
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
   * The description as it holds on this workstation.
   *
   * @throws UnusableMachinesException if one URI is to stand for several hypervisors
   */
  Machines.Libvirt over(Machines.Libvirt described) {
    if (uri.isPresent() && described.hypervisors().size() > 1) {
      throw new UnusableMachinesException(
          "ninefold:libvirtUri stands for one hypervisor, and the description has "
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
                      + "'; it must be a file: one with a URL needs a checksum, in machines.image");
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

  /** What a description's URI has to be as well; libvirt's own test driver needs no machine. */
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
              + "' has no hostKey in the description; give it one");
    }
  }
}
