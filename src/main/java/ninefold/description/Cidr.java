package ninefold.description;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ninefold.description.schema.TextFormat;

/**
 * An IPv4 network.
 *
 * @param base its first address, as a number from 0 to 2³²−1
 * @param prefix the number of leading bits that all its addresses share, 0 to 32
 */
public record Cidr(long base, int prefix) {
  private static final long ALL = 0xffffffffL;
  private static final Pattern FORM =
      Pattern.compile("(" + TextFormat.IPV4 + ")/([0-9]|[12][0-9]|3[0-2])");
  private static final Pattern ADDRESS_FORM = Pattern.compile(TextFormat.IPV4);

  /** Refuses a base that is not the network's first address. */
  public Cidr {
    if (prefix < 0 || prefix > 32 || base < 0 || (base & ~mask(prefix)) != 0) {
      throw new IllegalArgumentException(
          base + " is not the first address of a network with prefix /" + prefix);
    }
  }

  /** The network in a text such as {@code 10.0.0.7/24}; empty if the text is not a network. */
  public static Optional<Cidr> parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    int prefix = Integer.parseInt(text.substring(text.indexOf('/') + 1));
    return address(parts.group(1)).map(address -> new Cidr(address & mask(prefix), prefix));
  }

  /** An IPv4 address as a number; empty if the text is not an address. */
  public static Optional<Long> address(String text) {
    if (!ADDRESS_FORM.matcher(text).matches()) {
      return Optional.empty();
    }
    long number = 0;
    for (String part : text.split("\\.", -1)) {
      number = (number << 8) | Integer.parseInt(part);
    }
    return Optional.of(number);
  }

  /** Whether the address is in this network. */
  public boolean contains(long address) {
    return (address & mask(prefix)) == base;
  }

  /** Whether a machine may have the address: it is in this network, but not its first or last. */
  public boolean hosts(long address) {
    return contains(address) && address != base && address != broadcast();
  }

  /** The network's last address. */
  public long broadcast() {
    return base | (~mask(prefix) & ALL);
  }

  /** The last address that a machine may have: {@code 192.168.100.254}. */
  public String lastHost() {
    return dotted(broadcast() - 1);
  }

  @Override
  public String toString() {
    return dotted(base) + "/" + prefix;
  }

  /** The number as an address: {@code 192.168.100.1}. */
  public static String dotted(long address) {
    return "%d.%d.%d.%d"
        .formatted(address >> 24, (address >> 16) & 255, (address >> 8) & 255, address & 255);
  }

  private static long mask(int prefix) {
    return (ALL << (32 - prefix)) & ALL;
  }
}
