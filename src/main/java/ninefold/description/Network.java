package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.List;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/**
 * The network that all nodes share.
 *
 * @param cidr the network, IPv4
 * @param virtualAddress the address that clients use; held by one of the balancers
 * @param names further names by which clients reach it
 * @param virtualRouterId VRRP's router number; unique on its network segment
 */
public record Network(
    @Description("The network that all nodes share, as in 192.168.100.0/24.")
        @Format(TextFormat.CIDR)
        String cidr,
    @Description("The address that clients use; one of the balancers holds it.")
        @Format(TextFormat.ADDRESS)
        String virtualAddress,
    @Description("DNS names by which clients dial it; the pools' certificates hold them.")
        @Default("[]")
        @Format(TextFormat.DNS_NAME)
        List<String> names,
    @Description("VRRP's router number, unique on the network segment.")
        @Default("51")
        @Min(1)
        @Max(255)
        int virtualRouterId) {

  /** Keeps a copy that cannot be changed. */
  public Network {
    names = List.copyOf(names);
  }
}
