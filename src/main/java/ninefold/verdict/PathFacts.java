package ninefold.verdict;

import java.util.Optional;

/**
 * A test of the client's path through the virtual address, run on a balancer.
 *
 * @param write a write through the read-write port
 * @param read a read through the read-only port
 */
public record PathFacts(FactsSection<Write> write, FactsSection<Read> read) {

  /**
   * A write.
   *
   * @param seconds how long it took, in seconds
   */
  public record Write(double seconds) {}

  /**
   * A read.
   *
   * @param seconds how long it took, in seconds
   * @param from the address of the PostgreSQL that answered
   */
  public record Read(double seconds, Optional<String> from) {}
}
