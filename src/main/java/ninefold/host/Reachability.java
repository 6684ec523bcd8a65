package ninefold.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import ninefold.cluster.Access;
import ninefold.cluster.Node;

/**
 * Whether an ssh server speaks on machines that exist already. The provider limits nothing past TCP
 * connect, so a machine that accepts and then says nothing would hold it for ever; asked here, it
 * is named, and no step has been taken anywhere.
 */
public final class Reachability {
  private static final Duration ATTEMPT = Duration.ofSeconds(5);
  private static final Duration SHORTEST = Duration.ofMillis(200);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final String BANNER = "SSH-";

  private Reachability() {}

  /**
   * Waits until each node's ssh server speaks; behind a jump host, until the jump host's does.
   *
   * @throws UnreachableHosts if one has said nothing after the description's {@code connectLimit},
   *     naming each
   */
  public static void require(Access access, List<Node> nodes) {
    var limit = Instant.now().plusSeconds(access.connectLimit());
    var targets =
        access
            .jump()
            .map(jump -> List.of(new Target("jump host", jump.address(), jump.port())))
            .orElseGet(() -> nodes.stream().map(node -> target(access, node)).toList());
    var threads = Executors.newFixedThreadPool(targets.size());
    try {
      var asked = targets.stream().map(it -> threads.submit(() -> it.silence(limit))).toList();
      var silent = asked.stream().map(Reachability::answer).flatMap(Optional::stream).toList();
      if (!silent.isEmpty()) {
        throw new UnreachableHosts(
            silent.stream()
                .collect(
                    joining(
                        "\n  ",
                        "no ssh server answers within "
                            + access.connectLimit()
                            + " s (access.connectLimit); nothing was touched:\n  ",
                        "\n"
                            + "  Is the machine on? Are address and port right? Does a firewall"
                            + " stand between?")));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Target target(Access access, Node node) {
    return new Target("node " + node.name(), Connections.address(node), access.port());
  }

  private static Optional<String> answer(Future<Optional<String>> asked) {
    try {
      return asked.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for machines", e);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private record Target(String name, String address, int port) {
    /** Why it can't be reached, if so. */
    Optional<String> silence(Instant limit) throws InterruptedException {
      while (true) {
        try {
          greet(patience(limit));
          return Optional.empty();
        } catch (IOException e) {
          if (Instant.now().isAfter(limit)) {
            return Optional.of("%s (%s:%d): %s".formatted(name, address, port, e.getMessage()));
          }
        }
        Thread.sleep(PAUSE.toMillis());
      }
    }

    /** No attempt outlasts the limit. */
    private static int patience(Instant limit) {
      var left = Duration.between(Instant.now(), limit);
      var patience = left.compareTo(ATTEMPT) < 0 ? left : ATTEMPT;
      return (int) Math.max(patience.toMillis(), SHORTEST.toMillis());
    }

    private void greet(int patience) throws IOException {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(address, port), patience);
        socket.setSoTimeout(patience);
        var banner = new String(socket.getInputStream().readNBytes(BANNER.length()), US_ASCII);
        if (!banner.equals(BANNER)) {
          throw new IOException("what answers there is no ssh server");
        }
      }
    }
  }
}
