package ninefold.ssh;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Host keys in the format of OpenSSH's known_hosts, as ssh-keyscan prints them: {@code
 * address[,address…] type key}. Lines with hashed names or markers are ignored.
 */
public final class KnownHosts {
  /**
   * The key types that can be pinned, in order of preference. A pinned {@code ssh-rsa} would
   * request SHA-1 signatures, which sshd refuses.
   */
  private static final List<String> TYPES =
      List.of("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521");

  private KnownHosts() {}

  /** The preferred key of each address, as {@code type key}. */
  public static Map<String, String> parse(String text) {
    var keys = new LinkedHashMap<String, String>();
    for (var type : TYPES) {
      text.lines()
          .map(line -> line.strip().split("\\s+"))
          .filter(fields -> fields.length >= 3 && fields[1].equals(type))
          .forEach(
              fields ->
                  Arrays.stream(fields[0].split(","))
                      .forEach(host -> keys.putIfAbsent(address(host), type + " " + fields[2])));
    }
    return keys;
  }

  /** The address without the port: {@code [address]:port} stands for any port but 22. */
  private static String address(String host) {
    return host.replaceFirst("^\\[(.+)]:\\d+$", "$1");
  }
}
