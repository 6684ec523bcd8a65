package ninefold.secret;

import java.util.List;
import java.util.stream.Stream;
import ninefold.description.Node;

/**
 * Whom a certificate vouches for.
 *
 * @param node the node
 * @param service the service on it
 * @param usage at which ends of a connection it is good
 * @param names the names under which the service is called
 * @param addresses the addresses under which it is called
 */
record Subject(Node node, String service, Usage usage, List<String> names, List<String> addresses) {

  /** Who only calls: nobody reaches it under any name. */
  static Subject client(Node node, String service) {
    return new Subject(node, service, Usage.CLIENT, List.of(), List.of());
  }

  /** Who is called, by a name that no other service has, and by others. */
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

  /** Its name among all of the cluster. */
  String name() {
    return node.name() + "/" + service;
  }

  /** The common name of its certificate: by it, callers are let in. */
  String commonName() {
    return Identity.name(node, service);
  }
}
