package ninefold.secret;

import java.util.List;

/** The ends of a connection at which a certificate is good. */
enum Usage {
  /** Who calls. */
  CLIENT,
  /** Who is called. */
  SERVER,
  /** Both, as of members that call each other. */
  PEER;

  /** What stands in a resource's name. */
  String word() {
    return switch (this) {
      case CLIENT -> "client";
      case SERVER -> "server";
      case PEER -> "peer";
    };
  }

  /** The usages of the certificate and its key, in the provider's words. */
  List<String> allowed() {
    return switch (this) {
      case CLIENT -> List.of("digital_signature", "client_auth");
      case SERVER -> List.of("digital_signature", "server_auth");
      case PEER -> List.of("digital_signature", "server_auth", "client_auth");
    };
  }
}
