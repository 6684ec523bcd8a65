package ninefold.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.postgresql.util.DriverInfo;

class JdbcDriverTest {
  @Test
  void versionIsThatOfTheTests() throws ClassNotFoundException {
    assertThat(DriverInfo.DRIVER_VERSION).isEqualTo(JdbcDriver.VERSION);
    assertThat(Class.forName(JdbcDriver.CLASS)).isNotNull();
  }
}
