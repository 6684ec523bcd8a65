package ninefold.host;

import java.util.List;

/**
 * A TCP port that a service listens on.
 *
 * @param number the port's number, 1 to 65535
 * @param from the addresses and networks (CIDR) that may connect; empty for the host itself only
 */
public record OpenPort(int number, List<String> from) {

  /** Keeps an immutable copy. */
  public OpenPort {
    from = List.copyOf(from);
  }
}
