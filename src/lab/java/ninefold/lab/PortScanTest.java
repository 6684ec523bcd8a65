package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import ninefold.TestProcess;
import org.junit.jupiter.api.Test;

/** The parts of the scan that need no network: its packets, its filter, and its output. */
class PortScanTest {
  private static final String LOAD =
      """
      import socket, struct, sys
      from importlib.machinery import SourceFileLoader
      scan = SourceFileLoader("scan", sys.argv[1]).load_module()
      OWN, OTHER = "192.168.100.66", "192.168.100.1"
      """;

  /**
   * The ones' complement sum of correctly checksummed data, checksum included, has only one bits.
   */
  @Test
  void checksums_areValidForEveryPort() {
    var wrong =
        python(
            """
            packet = bytearray(scan.segment(OWN, OTHER, 25679, 0, 0xABCD << 16, scan.SYN))
            ends = socket.inet_aton(OWN) + socket.inet_aton(OTHER)
            def right(data):
                return sum(struct.unpack(f"!{len(data) // 2}H", data)) % 0xFFFF == 0
            print("IP" if not right(packet[:20]) else "", end="")
            for port in range(1, 65536):
                struct.pack_into("!HHH", packet, 22, port, 0xABCD, 0xFFFF - port)
                if not right(ends + struct.pack("!HH", 6, 20) + packet[20:]):
                    print(port)
            """);

    assertThat(wrong).isEmpty();
  }

  /** The kernel applies the filter to any socket, so a socket pair needs no privileges. */
  @Test
  void filter_passesOnlyAnswersToTheScan() {
    var heard =
        python(
            """
            ear, mouth = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            scan.filter_frames(ear, 25679, 25680)
            ear.setblocking(False)
            def says(what, port, flags, change=lambda packet: packet):
                packet = change(scan.segment(OTHER, OWN, 22, port, 1, flags))
                try:
                    mouth.send(bytes(14) + packet)
                    print(what) if ear.recv(256) == bytes(14) + packet else print("other")
                except OSError:
                    pass
            says("first port", 25679, 0x12)
            says("second port", 25680, 0x12)
            says("another port", 25681, 0x12)
            says("and ECN", 25679, 0x52)
            says("longer IP header", 25679, 0x12, lambda p: b"\\x46" + p[1:20] + bytes(4) + p[20:])
            says("RST", 25679, 0x14)
            says("SYN", 25679, 0x02)
            says("ACK", 25679, 0x10)
            says("UDP", 25679, 0x12, lambda p: p[:9] + b"\\x11" + p[10:])
            """);

    assertThat(heard.lines())
        .containsExactly("first port", "second port", "and ECN", "longer IP header");
  }

  @Test
  void addressWithoutOpenPort_isOmitted() {
    assertThat(PortScan.parse("192.168.100.1 22 6432\n192.168.100.2\n192.168.100.9 22"))
        .isEqualTo(Map.of("192.168.100.1", Set.of(22, 6432), "192.168.100.9", Set.of(22)));
  }

  private static String python(String script) {
    var ended =
        TestProcess.run(
            "python3", "-B", "-W", "ignore", "-c", LOAD + script, PortScan.SCRIPT.toString());
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }
}
