package ninefold.render;

import static java.util.stream.Collectors.joining;

import com.pulumi.core.Output;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/**
 * The files of one service on one machine, as one text: it travels as a step's standard input, so
 * that a preview shows the lines that change.
 *
 * @param header what the service's script must know beside the files; a line each
 * @param files the files
 */
public record Bundle(List<Output<String>> header, List<TargetFile> files) {
  private static final String MARK = "=== ";

  /** The last line: a text without it was cut off on its way. */
  private static final String END = MARK + "end\n";

  /** Files alone. */
  public static Bundle of(List<TargetFile> files) {
    return new Bundle(List.of(), files);
  }

  /** The same with a further line in the header. */
  public Bundle with(Output<String> line) {
    var lines = new ArrayList<>(header);
    lines.add(line);
    return new Bundle(List.copyOf(lines), files);
  }

  /**
   * The same with a word for its service's secrets, which travel apart: another word where they are
   * others.
   */
  public Bundle withSecretsFingerprint(List<TargetFile> secrets) {
    return with(of(secrets).fingerprint().applyValue(HeaderKey.SECRETS::line));
  }

  /**
   * The same with the versions at which the service's packages are held, if they are: the service
   * starts anew, in its order, when they change. Their installation restarts nothing.
   *
   * @param service the name of its script
   * @param held the packages and versions
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

  /** The whole text; secret if a part of it is. */
  public Output<String> text() {
    var parts = new ArrayList<Output<String>>();
    header.forEach(line -> parts.add(line.applyValue(text -> text + "\n")));
    files.forEach(file -> parts.add(file.text().applyValue(text -> section(file, text))));
    return Output.all(parts).applyValue(texts -> String.join("", texts) + END);
  }

  /**
   * A digest of the whole text that is no secret itself. What it stands for must not be guessable:
   * keys and made passwords are not.
   */
  Output<String> fingerprint() {
    return text().applyValue(Bundle::digest).asPlaintext();
  }

  /** One digest of several bundles: it changes when any of them does. */
  public static Output<String> jointDigest(Collection<Bundle> bundles) {
    return Output.all(bundles.stream().map(Bundle::text).toList())
        .applyValue(texts -> digest(texts.stream().sorted().collect(joining())))
        .asPlaintext();
  }

  private static String section(TargetFile file, String text) {
    if (text.startsWith(MARK) || text.contains("\n" + MARK)) {
      throw new IllegalArgumentException(
          file.path() + ": a line starts with '" + MARK + "', which separates files");
    }
    var end = text.isEmpty() || text.endsWith("\n") ? "" : "\n";
    return MARK + file.path() + " " + file.owner() + " " + file.mode() + "\n" + text + end;
  }

  /** A digest of a text, as secret as that. */
  public static String digest(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)))
          .substring(0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
