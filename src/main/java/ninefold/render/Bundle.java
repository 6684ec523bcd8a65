package ninefold.render;

import static java.util.stream.Collectors.joining;

import com.pulumi.core.Output;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import ninefold.digest.Sha256;

/**
 * The files of one service on one machine, as one text. The text is the standard input of a step,
 * so a preview shows the lines that change.
 *
 * @param header what the service's script needs to know in addition to the files: lines that start
 *     with a {@link HeaderKey}
 * @param files the files to place on the machine
 */
public record Bundle(List<Output<String>> header, List<TargetFile> files) {
  /** The beginning of the line before each file. */
  private static final String MARK = "=== ";

  /** The last line. If it is missing, the text was cut off while it was sent. */
  private static final String END = MARK + "end\n";

  /** A bundle without a header. */
  public static Bundle of(List<TargetFile> files) {
    return new Bundle(List.of(), files);
  }

  /** Returns a copy with one more line in the header. */
  public Bundle with(Output<String> line) {
    var lines = new ArrayList<>(header);
    lines.add(line);
    return new Bundle(List.copyOf(lines), files);
  }

  /**
   * Returns a copy whose header contains a fingerprint of the service's secrets, so that the
   * service's step runs again when a secret changes. The step {@code secrets} delivers the secrets
   * themselves.
   */
  public Bundle withSecretsFingerprint(List<TargetFile> secrets) {
    return with(of(secrets).fingerprint().applyValue(HeaderKey.SECRETS::line));
  }

  /**
   * Returns a copy with a file of the pinned versions of the service's packages, if any are pinned.
   * When a version changes, the service's step restarts the service when its turn comes; the
   * installation of the package does not restart it.
   *
   * @param service the name of the service's script
   * @param held the pinned packages, as {@code NAME=VERSION}
   */
  public Bundle withPinnedVersions(String service, List<String> held) {
    if (held.isEmpty()) {
      return this;
    }
    var all = new ArrayList<>(files);
    all.add(
        TargetFile.worldReadable(
            "/var/lib/ninefold/versions/" + service, String.join("\n", held) + "\n"));
    return new Bundle(header, List.copyOf(all));
  }

  /** The whole text. It is secret if any part of it is. */
  public Output<String> text() {
    var parts = new ArrayList<Output<String>>();
    header.forEach(line -> parts.add(line.applyValue(text -> text + "\n")));
    files.forEach(file -> parts.add(file.text().applyValue(text -> section(file, text))));
    return Output.all(parts).applyValue(texts -> String.join("", texts) + END);
  }

  /**
   * A digest of the whole text. The digest is not secret, so the text must not be guessable:
   * private keys and generated passwords are not.
   */
  Output<String> fingerprint() {
    return text().applyValue(Bundle::digest).asPlaintext();
  }

  /** One digest of several bundles, in any order. It changes when one of them changes. */
  public static Output<String> jointDigest(Collection<Bundle> bundles) {
    return Output.all(bundles.stream().map(Bundle::text).toList())
        .applyValue(texts -> digest(texts.stream().sorted().collect(joining())))
        .asPlaintext();
  }

  private static String section(TargetFile file, String text) {
    if (text.startsWith(MARK) || text.contains("\n" + MARK)) {
      throw new IllegalArgumentException(
          file.path()
              + ": a line starts with '"
              + MARK
              + "', which separates the files of a bundle");
    }
    var end = text.isEmpty() || text.endsWith("\n") ? "" : "\n";
    return MARK + file.path() + " " + file.owner() + " " + file.mode() + "\n" + text + end;
  }

  /** The first 16 hexadecimal digits of a text's SHA-256. */
  public static String digest(String text) {
    return HexFormat.of().formatHex(Sha256.of(text)).substring(0, 16);
  }
}
