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
 */
public record Needs(
    List<String> packages,
    Map<String, String> users,
    Map<String, Port> ports,
    List<String> vrrp,
    List<String> dataDirectories,
    Map<String, String> settings,
    List<TargetFile> secrets) {

  /** Nothing at all. */
  public static final Needs NONE =
      new Needs(List.of(), Map.of(), Map.of(), List.of(), List.of(), Map.of(), List.of());

  /** The needs of both. */
  public Needs and(Needs other) {
    return new Needs(
        Stream.concat(packages.stream(), other.packages.stream()).distinct().toList(),
        both(users, other.users),
        both(ports, other.ports),
        Stream.concat(vrrp.stream(), other.vrrp.stream()).distinct().toList(),
        Stream.concat(dataDirectories.stream(), other.dataDirectories.stream()).distinct().toList(),
        both(settings, other.settings),
        Stream.concat(secrets.stream(), other.secrets.stream()).toList());
  }

  /** In order: what is rendered from it must be the same text at each run. */
  private static <V> Map<String, V> both(Map<String, V> one, Map<String, V> other) {
    var all = new TreeMap<>(one);
    all.putAll(other);
    return all;
  }
}
