package ninefold.host;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/**
 * A certificate on a host, and the endpoint at which its service shows it.
 *
 * @param service the service's name
 * @param path the path of the certificate, PEM
 * @param key the path of its private key; absent if the certificate's file contains the key
 * @param address the address on which the service listens; absent for a client's certificate
 * @param port the service's port; absent together with the address
 * @param speaks the protocol before the TLS handshake; absent together with the address
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record ServiceCertificate(
    String service,
    String path,
    Optional<String> key,
    Optional<String> address,
    Optional<Integer> port,
    Optional<Protocol> speaks) {

  /** The protocol before the TLS handshake. */
  public enum Protocol {
    /** The handshake begins at once. */
    TLS,
    /** PostgreSQL's SSLRequest comes first. */
    POSTGRESQL;

    @JsonValue
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Returns a client's certificate, which no endpoint shows. */
  public static ServiceCertificate toNobody(String service, String path) {
    return new ServiceCertificate(
        service, path, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Returns a certificate in a directory with {@code node.crt} and {@code node.key}. */
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

  /** Returns a certificate in one file with its key, for an endpoint that speaks TLS at once. */
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
