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

/** Finds the ports of machines that are open from another one: every port is tried. */
final class PortScan {
  static final Path SCRIPT = Path.of("src/test/resources/lab/scan-ports.py");

  /** None of those from which the kernel takes its own for outgoing connections. */
  private static final int SOURCE = 25_679;

  /** Something listens there somewhere, so one lost packet must not hide it. */
  private static final String KNOWN =
      "22,2379,2380,5000,5001,5432,6432,7000,7001,8008,8080,8432,25678";

  private static final Duration LIMIT = Duration.ofMinutes(5);

  private PortScan() {}

  /**
   * Tries every port of machines from another one, and the known ones several times.
   *
   * @param rate so many packets a second, or fewer
   * @return the open ports, in order, by address; an address without any is left out
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
    return parsed(lab.ssh(from, LIMIT, script));
  }

  /** By address, from lines that have a port after the address. */
  static Map<String, Set<Integer>> parsed(String said) {
    return said.lines()
        .map(line -> line.split(" "))
        .filter(words -> words.length > 1)
        .collect(toMap(words -> words[0], PortScan::ports));
  }

  /** A set that can be changed, in order. */
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
