package ninefold.lab;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toMap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Finds the open ports of machines, as seen from a different machine. It tries every port. */
final class PortScan {
  static final Path SCRIPT = Path.of("src/test/resources/lab/scan-ports.py");

  /** The source port of the scan, outside the range of ephemeral ports. */
  private static final int SOURCE = 25_679;

  /**
   * Ports on which some machine listens. They are tried several times, since a lost packet must not
   * hide one.
   */
  private static final String KNOWN =
      "22,2379,2380,5000,5001,5432,6432,7000,7001,8008,8080,8432,25678";

  private static final Duration LIMIT = Duration.ofMinutes(5);

  private PortScan() {}

  /**
   * Tries every port of machines from a different machine, and the known ports several times.
   *
   * @param rate the highest number of packets per second
   * @return the open ports in ascending order, by address; without the addresses that have none
   */
  static Map<String, Set<Integer>> open(Lab lab, String from, List<String> addresses, int rate) {
    var script =
        """
        timeout %d python3 - --source %d --rate %d --known %s %s <<'SCAN'
        %s
        SCAN
        """
            .formatted(
                LIMIT.minusSeconds(20).toSeconds(),
                SOURCE,
                rate,
                KNOWN,
                String.join(" ", addresses),
                script());
    return parse(lab.ssh(from, LIMIT, script));
  }

  /** Parses lines with an address and its open ports. */
  static Map<String, Set<Integer>> parse(String output) {
    return output
        .lines()
        .map(line -> line.split(" "))
        .filter(words -> words.length > 1)
        .collect(toMap(words -> words[0], PortScan::ports));
  }

  /** Returns a mutable, sorted set. */
  private static Set<Integer> ports(String... words) {
    return Arrays.stream(words).skip(1).map(Integer::valueOf).collect(toCollection(TreeSet::new));
  }

  private static String script() {
    try {
      return Files.readString(SCRIPT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
