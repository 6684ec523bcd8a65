package ninefold.host;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import ninefold.render.HeaderKey;
import org.junit.jupiter.api.Test;

/** Tests that the program writes exactly the headers that the scripts read. */
class HeaderKeyTest {
  private static final Pattern READ = Pattern.compile("(?:\\(|\\{ ?|^\\s*)header ([a-z_]+)");

  /** No script reads these: they make steps run again. */
  private static final Set<String> UNREAD = Set.of("machine", "nodes");

  @Test
  void scriptsReadExactlyTheDeclaredKeys() throws IOException {
    var declared =
        Stream.of(HeaderKey.values()).map(HeaderKey::word).collect(toCollection(TreeSet::new));
    declared.removeAll(UNREAD);

    assertThat(read()).isEqualTo(declared);
  }

  @Test
  void lineConsistsOfKeywordAndValues() {
    assertThat(HeaderKey.LISTEN.line("10.0.0.1", 6432)).isEqualTo("listen 10.0.0.1 6432");
    assertThat(HeaderKey.CHANGE.line("abc")).isEqualTo("change abc");
  }

  private static Set<String> read() throws IOException {
    try (var files = Files.walk(Path.of("templates"))) {
      return files
          .filter(file -> file.toString().endsWith(".sh"))
          .flatMap(HeaderKeyTest::lines)
          .filter(line -> !line.strip().startsWith("#"))
          .flatMap(line -> READ.matcher(line).results())
          .map((MatchResult it) -> it.group(1))
          .collect(toCollection(TreeSet::new));
    }
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
