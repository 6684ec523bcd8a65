package ninefold.host;

import java.util.List;

/**
 * A TCP port that a service listens on.
 *
 * @param number its number
 * @param from the addresses and networks from which it may be reached; none for the machine alone
 */
public record OpenPort(int number, List<String> from) {

  /** Keeps a copy that cannot be changed. */
  public OpenPort {
    from = List.copyOf(from);
  }
}
