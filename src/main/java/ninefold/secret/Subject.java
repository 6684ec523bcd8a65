package ninefold.secret;

import java.util.List;
import java.util.stream.Stream;
import ninefold.description.Node;

/**
 * The subject of a certificate.
 *
 * @param node the node
 * @param service the service on it
 * @param usage the ends of a TLS connection at which the certificate is valid
 * @param names the DNS names under which clients reach the service
 * @param addresses the IP addresses under which clients reach it
 */
record Subject(Node node, String service, Usage usage, List<String> names, List<String> addresses) {

  /** A service that is only a client, so its certificate contains no names or addresses. */
  static Subject client(Node node, String service) {
    return new Subject(node, service, Usage.CLIENT, List.of(), List.of());
  }

  /** A service with clients. Its certificate also contains the name of {@link Identity#called}. */
  static Subject called(
      Node node, String service, Usage usage, List<String> names, List<String> addresses) {
    return new Subject(
        node,
        service,
        usage,
        Stream.concat(Stream.of(Identity.called(node, service)), names.stream())
            .distinct()
            .toList(),
        addresses.stream().distinct().toList());
  }

  /** The name of the identity within the cluster: {@code NODE/SERVICE}. */
  String name() {
    return node.name() + "/" + service;
  }

  /** The common name of the certificate, by which servers authorize clients. */
  String commonName() {
    return Identity.name(node, service);
  }
}
