package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.List;
import ninefold.description.schema.Default;
import ninefold.description.schema.Doc;
import ninefold.description.schema.Form;
import ninefold.description.schema.Written;

/**
 * The network that all nodes share.
 *
 * @param cidr the network, IPv4
 * @param virtualAddress the address that clients use; held by one of the balancers
 * @param names further names by which clients reach it
 * @param virtualRouterId VRRP's router number; unique on its network segment
 */
public record Network(
    @Doc("The network that all nodes share, as in 192.168.100.0/24.") @Written(Form.CIDR)
        String cidr,
    @Doc("The address that clients use; one of the balancers holds it.") @Written(Form.ADDRESS)
        String virtualAddress,
    @Doc("DNS names by which clients dial it; the pools' certificates hold them.")
        @Default("[]")
        @Written(Form.DNS_NAME)
        List<String> names,
    @Doc("VRRP's router number, unique on the network segment.") @Default("51") @Min(1) @Max(255)
        int virtualRouterId) {

  /** Keeps a copy that cannot be changed. */
  public Network {
    names = List.copyOf(names);
  }
}
