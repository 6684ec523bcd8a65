package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.List;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** The network that all nodes share. */
public record Network(
    @Description("IPv4 network of all nodes, such as 192.168.100.0/24.") @Format(TextFormat.CIDR)
        String cidr,
    @Description("Virtual address that clients use. Keepalived assigns it to one of the balancers.")
        @Format(TextFormat.ADDRESS)
        String virtualAddress,
    @Description(
            "DNS names under which clients reach the virtual address. They become part of the certificates of the pools.")
        @Default("[]")
        @Format(TextFormat.DNS_NAME)
        List<String> names,
    @Description("VRRP router ID. It must be unique on the network segment.")
        @Default("51")
        @Min(1)
        @Max(255)
        int virtualRouterId) {

  /** Keeps a copy that cannot be changed. */
  public Network {
    names = List.copyOf(names);
  }

  /** The network as a range of addresses. The form of {@code cidr} has been checked. */
  public Cidr range() {
    return Cidr.parse(cidr).orElseThrow();
  }
}
