package ninefold.secret;

import java.util.List;

/** The ends of a TLS connection at which a certificate is valid. */
enum Usage {
  /** Only as a client. */
  CLIENT,
  /** Only as a server. */
  SERVER,
  /** Both, for members that connect to each other. */
  PEER;

  /** The word in the names of resources. */
  String word() {
    return switch (this) {
      case CLIENT -> "client";
      case SERVER -> "server";
      case PEER -> "peer";
    };
  }

  /** Key usages and extended key usages, as the TLS provider names them. */
  List<String> allowed() {
    return switch (this) {
      case CLIENT -> List.of("digital_signature", "client_auth");
      case SERVER -> List.of("digital_signature", "server_auth");
      case PEER -> List.of("digital_signature", "server_auth", "client_auth");
    };
  }
}
