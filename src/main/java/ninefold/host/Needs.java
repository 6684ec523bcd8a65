package ninefold.host;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What services need of the machine they run on, before they are set up.
 *
 * @param packages packages of the distribution
 * @param users system users beside those that packages bring, with their home directories
 * @param ports the ports they listen on, by service
 * @param vrrp the addresses of the machines whose VRRP advertisements are for this one
 * @param dataDirectories where their data lies
 * @param settings kernel settings
 * @param secrets files that hold secrets
 * @param births what services are born with and keep for life, in words, by service
 */
public record Needs(
    List<String> packages,
    Map<String, String> users,
    Map<String, Port> ports,
    List<String> vrrp,
    List<String> dataDirectories,
    Map<String, String> settings,
    List<TargetFile> secrets,
    Map<String, String> births) {

  /** Nothing at all. */
  public static final Needs NONE =
      new Needs(List.of(), Map.of(), Map.of(), List.of(), List.of(), Map.of(), List.of());

  /** Those of services in which everything may change. */
  public Needs(
      List<String> packages,
      Map<String, String> users,
      Map<String, Port> ports,
      List<String> vrrp,
      List<String> dataDirectories,
      Map<String, String> settings,
      List<TargetFile> secrets) {
    this(packages, users, ports, vrrp, dataDirectories, settings, secrets, Map.of());
  }

  /** The same, and the machine must be one on which the service was born with this, or never. */
  public Needs born(String service, String words) {
    return new Needs(
        packages,
        users,
        ports,
        vrrp,
        dataDirectories,
        settings,
        secrets,
        both(births, Map.of(service, words)));
  }

  /** The needs of both. */
  public Needs and(Needs other) {
    return new Needs(
        Stream.concat(packages.stream(), other.packages.stream()).distinct().toList(),
        both(users, other.users),
        both(ports, other.ports),
        Stream.concat(vrrp.stream(), other.vrrp.stream()).distinct().toList(),
        Stream.concat(dataDirectories.stream(), other.dataDirectories.stream()).distinct().toList(),
        both(settings, other.settings),
        Stream.concat(secrets.stream(), other.secrets.stream()).toList(),
        both(births, other.births));
  }

  /** In order: what is rendered from it must be the same text at each run. */
  private static <V> Map<String, V> both(Map<String, V> one, Map<String, V> other) {
    var all = new TreeMap<>(one);
    all.putAll(other);
    return all;
  }
}
