package ninefold.ssh;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Host keys in the form of OpenSSH's known_hosts: {@code address[,address…] type key}. */
public final class KnownHosts {
  /**
   * The types that can be pinned, the best first. A pinned {@code ssh-rsa} would ask for signatures
   * with SHA-1, which sshd refuses.
   */
  private static final List<String> TYPES =
      List.of("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521");

  private KnownHosts() {}

  /** The best key of each address, as {@code type key}. */
  public static Map<String, String> parse(String text) {
    var keys = new LinkedHashMap<String, String>();
    for (var type : TYPES) {
      text.lines()
          .map(line -> line.strip().split("\\s+"))
          .filter(parts -> parts.length >= 3 && parts[1].equals(type))
          .forEach(
              parts ->
                  Arrays.stream(parts[0].split(","))
                      .forEach(host -> keys.putIfAbsent(address(host), type + " " + parts[2])));
    }
    return keys;
  }

  /** A host on another port than 22 is written {@code [address]:port}. */
  private static String address(String host) {
    return host.replaceFirst("^\\[(.+)]:\\d+$", "$1");
  }
}
