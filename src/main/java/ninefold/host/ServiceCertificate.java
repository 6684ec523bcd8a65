package ninefold.host;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/**
 * A certificate on a machine, and where its service shows it.
 *
 * @param service the service
 * @param path the certificate's file, PEM
 * @param key the file of its key; the certificate's own file if absent
 * @param address where the service listens; absent where it shows the certificate to nobody
 * @param port its port there; absent with the address
 * @param speaks what a caller says before TLS begins; absent with the address
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ServiceCertificate(
    String service,
    String path,
    Optional<String> key,
    Optional<String> address,
    Optional<Integer> port,
    Optional<Protocol> speaks) {

  /** What a caller says before TLS begins. */
  public enum Protocol {
    /** Nothing. */
    TLS,
    /** PostgreSQL's request for TLS. */
    POSTGRESQL;

    @JsonValue
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One that nobody is shown: a client's. */
  public static ServiceCertificate toNobody(String service, String path) {
    return new ServiceCertificate(
        service, path, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** One in a directory with {@code node.crt} and {@code node.key}. */
  public static ServiceCertificate in(
      String directory, String service, String address, int port, Protocol speaks) {
    return new ServiceCertificate(
        service,
        directory + "/node.crt",
        Optional.of(directory + "/node.key"),
        Optional.of(address),
        Optional.of(port),
        Optional.of(speaks));
  }

  /** One in a file together with its key, shown as TLS begins. */
  public static ServiceCertificate withKey(String path, String service, String address, int port) {
    return new ServiceCertificate(
        service,
        path,
        Optional.empty(),
        Optional.of(address),
        Optional.of(port),
        Optional.of(Protocol.TLS));
  }
}
