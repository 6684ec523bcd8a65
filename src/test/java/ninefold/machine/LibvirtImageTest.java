package ninefold.machine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import ninefold.description.Machines;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibvirtImageTest {
  /** The checksum of the text "image". */
  private static final String SHA256 =
      "6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d";

  private static final String OTHER = "0".repeat(64);

  @TempDir Path folder;
  private final AtomicInteger downloads = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void startServer() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/image.qcow2",
        exchange -> {
          downloads.incrementAndGet();
          exchange.sendResponseHeaders(200, 5);
          exchange.getResponseBody().write("image".getBytes(US_ASCII));
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  @Test
  void localFile_isUsedInPlace() throws Exception {
    var file = Files.writeString(folder.resolve("image"), "image");

    assertThat(image(file.toString(), SHA256).file()).isEqualTo(file);
    assertThat(image(file.toString(), null).file()).isEqualTo(file);
  }

  @Test
  void missingFile_isReported() {
    assertThatThrownBy(() -> image(folder + "/missing", null).file())
        .isInstanceOf(UnusableMachinesException.class)
        .hasMessageContaining(folder + "/missing")
        .hasMessageContaining("ninefold:baseImage");
  }

  @Test
  void fileWithDifferentChecksum_isRefused() throws Exception {
    var file = Files.writeString(folder.resolve("image"), "image");

    assertThatThrownBy(() -> image(file.toString(), OTHER).file())
        .isInstanceOf(UnusableMachinesException.class)
        .hasMessageContaining(SHA256)
        .hasMessageContaining(OTHER);
  }

  @Test
  void url_isDownloadedOnce() {
    var first = image(url("image.qcow2"), SHA256).file();
    var second = image(url("image.qcow2"), SHA256).file();

    assertThat(first).hasContent("image").isEqualTo(second);
    assertThat(downloads).hasValue(1);
  }

  @Test
  void downloadWithDifferentChecksum_isDeleted() {
    assertThatThrownBy(() -> image(url("image.qcow2"), OTHER).file())
        .isInstanceOf(UnusableMachinesException.class)
        .hasMessageContaining(SHA256);
    assertThat(folder.resolve("cache")).isEmptyDirectory();
  }

  @Test
  void missingUrl_isReported() {
    assertThatThrownBy(() -> image(url("another"), SHA256).file())
        .isInstanceOf(UnusableMachinesException.class)
        .hasMessageContaining("/another")
        .hasMessageContaining("404");
  }

  private String url(String name) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + name;
  }

  private LibvirtImage image(String source, String sha256) {
    return new LibvirtImage(
        new Machines.Image(source, Optional.ofNullable(sha256)), folder.resolve("cache"));
  }
}
