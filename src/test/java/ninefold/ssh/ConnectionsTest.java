package ninefold.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import com.pulumi.command.remote.inputs.ConnectionArgs;
import com.pulumi.core.Output;
import com.pulumi.test.PulumiTest;
import java.util.Optional;
import ninefold.Descriptions;
import ninefold.description.Cluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionsTest {
  private static final String HOST_KEY = "ssh-ed25519 " + "A".repeat(68);

  @AfterEach
  void cleanUp() {
    PulumiTest.cleanup();
  }

  @ParameterizedTest(name = "{0} s are {1} attempts")
  @CsvSource({"5, 1", "19, 1", "20, 2", "300, 30", "3600, 360"})
  void attemptsFillTheConnectTimeout(int limit, int attempts) {
    var connection = connection("access: {connectTimeout: %ds}".formatted(limit));

    assertThat(value(connection.dialErrorLimit())).isEqualTo(attempts);
    assertThat(value(connection.perDialTimeout())).isEqualTo(5);
  }

  @Test
  void usesUserAndPort_andPinsTheHostKey() {
    var connection = connection("access: {user: deploy, port: 2222}");

    assertThat(value(Optional.of(connection.host()))).isEqualTo("10.0.0.1");
    assertThat(value(connection.user())).isEqualTo("deploy");
    assertThat(value(connection.port())).isEqualTo(2222);
    assertThat(value(connection.hostKey())).isEqualTo(HOST_KEY);
    assertThat(value(connection.privateKey())).isEqualTo("private");
    assertThat(connection.proxy()).isEmpty();
  }

  @Test
  void pinsTheHostKeyOfTheJumpHost() {
    var jump = "ssh-ed25519 " + "J".repeat(68);
    var proxy =
        value(
            connection(
                    "access: {jump: {address: gate, port: 23, user: me, hostKey: %s}}"
                        .formatted(jump))
                .proxy());

    assertThat(value(Optional.of(proxy.host()))).isEqualTo("gate");
    assertThat(value(proxy.port())).isEqualTo(23);
    assertThat(value(proxy.user())).isEqualTo("me");
    assertThat(value(proxy.hostKey())).isEqualTo(jump);
    assertThat(value(proxy.dialErrorLimit())).isEqualTo(30);
  }

  private static ConnectionArgs connection(String access) {
    Cluster cluster = Descriptions.three("4GiB", access);
    return PulumiTest.extractValue(
        Connections.to(
            cluster.access(),
            cluster.nodes().get(0),
            Output.of(HOST_KEY),
            Output.ofSecret("private")));
  }

  private static <T> T value(Optional<Output<T>> output) {
    return PulumiTest.extractValue(output.orElseThrow());
  }
}
