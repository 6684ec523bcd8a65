package ninefold.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
  private static final Random RANDOM = new Random(9);

  private static LongStream addresses() {
    return LongStream.concat(
        LongStream.of(0, 1, 0x7fffffffL, 0x80000000L, 0xffffffffL),
        RANDOM.longs(1000, 0, 1L << 32));
  }

  @Test
  void addresses_areReadAsInetAddressReadsThem() throws UnknownHostException {
    for (long address : addresses().toArray()) {
      byte[] bytes = ByteBuffer.allocate(4).putInt((int) address).array();
      String written = InetAddress.getByAddress(bytes).getHostAddress();

      assertThat(Cidr.address(written)).contains(address);
      assertThat(Cidr.dotted(address)).isEqualTo(written);
    }
  }

  @Test
  void network_containsAddressesWithItsPrefix() {
    for (long address : addresses().toArray()) {
      for (int prefix = 1; prefix <= 32; prefix++) {
        Cidr network = Cidr.parse(Cidr.dotted(address) + "/" + prefix).orElseThrow();

        assertThat(network.contains(address)).isTrue();
        assertThat(network.broadcast() - network.base() + 1).isEqualTo(1L << (32 - prefix));
        assertThat(network.contains(network.base() - 1)).isFalse();
        assertThat(network.contains(network.broadcast() + 1)).isFalse();
        assertThat(Cidr.parse(network.toString())).contains(network);
      }
    }
  }

  @Test
  void hosts_areAllButFirstAndLast() {
    Cidr network = Cidr.parse("10.0.0.8/29").orElseThrow();

    assertThat(LongStream.range(0x0a000000L, 0x0a000020L).filter(network::hosts))
        .containsExactly(
            0x0a000009L, 0x0a00000aL, 0x0a00000bL, 0x0a00000cL, 0x0a00000dL, 0x0a00000eL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.4 ",
        "1.2.3.-4",
        "::1",
        "1.2.3.4\n",
        "a.b.c.d",
        "1..2.3",
        "٣.1.1.1"
      })
  void malformedAddress_isNotRead(String text) {
    assertThat(Cidr.address(text)).isEmpty();
    assertThat(Cidr.parse(text + "/24")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/024", "1.2.3.4/-1"})
  void malformedNetwork_isNotRead(String text) {
    assertThat(Cidr.parse(text)).isEmpty();
  }

  @Test
  void baseWithHostBits_isRefused() {
    assertThatThrownBy(() -> new Cidr(1, 24)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Cidr(0, 33)).isInstanceOf(IllegalArgumentException.class);
  }
}
