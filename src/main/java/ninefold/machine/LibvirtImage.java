package ninefold.machine;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import ninefold.description.Machines;
import ninefold.digest.Sha256;

/** The base image, as a file on this workstation with a verified checksum. */
final class LibvirtImage {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration DOWNLOAD_TIMEOUT = Duration.ofMinutes(30);

  private final Machines.Image image;
  private final Path cache;

  /**
   * Creates the image; nothing is read or downloaded yet.
   *
   * @param image the image's path or URL, and its SHA-256, which a URL requires
   * @param cache the folder of downloaded images, which are named by their checksum
   */
  LibvirtImage(Machines.Image image, Path cache) {
    this.image = image;
    this.cache = cache;
  }

  /**
   * Returns the file. An image with a URL is downloaded once.
   *
   * @throws UnusableMachinesException if the image cannot be read or downloaded, or its checksum
   *     differs
   */
  Path file() {
    return image.source().matches("https?://.*") ? downloaded() : local();
  }

  private Path local() {
    var file = Path.of(image.source()).toAbsolutePath().normalize();
    if (!Files.isReadable(file)) {
      throw new UnusableMachinesException(
          "base image "
              + file
              + " does not exist or cannot be read; set its path in"
              + " machines.image.source or in ninefold:baseImage");
    }
    image.sha256().ifPresent(expected -> verify(file, expected));
    return file;
  }

  private Path downloaded() {
    var expected = image.sha256().orElseThrow();
    var kept = cache.resolve(expected).toAbsolutePath().normalize();
    if (Files.exists(kept)) {
      return kept;
    }
    try {
      Files.createDirectories(cache);
      var partial = Files.createTempFile(cache, expected, ".part");
      try {
        download(partial);
        verify(partial, expected);
        return Files.move(partial, kept, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      throw new UnusableMachinesException(
          "base image " + image.source() + " cannot be downloaded: " + e.getMessage(), e);
    }
  }

  private void download(Path file) throws IOException {
    var client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(Redirect.NORMAL)
            .build();
    var request = HttpRequest.newBuilder(URI.create(image.source())).timeout(DOWNLOAD_TIMEOUT);
    try {
      var response = client.send(request.build(), BodyHandlers.ofFile(file));
      if (response.statusCode() != 200) {
        throw new IOException("the server answers with status " + response.statusCode());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private void verify(Path file, String expected) {
    var found = Sha256.hex(file);
    if (!found.equalsIgnoreCase(expected)) {
      throw new UnusableMachinesException(
          "base image "
              + image.source()
              + " has the SHA-256 "
              + found
              + ", and not "
              + expected
              + " as in machines.image.sha256: compare it with the checksum that the image's"
              + " publisher states");
    }
  }
}
