package ninefold.cluster;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.List;

/** The network that all nodes share. */
public record Network(
    @Doc("IPv4 network of all nodes, such as 192.168.100.0/24.") @Written(Form.CIDR) String cidr,
    @Doc("Virtual address that clients use. Keepalived assigns it to one of the balancers.")
        @Written(Form.ADDRESS)
        String virtualAddress,
    @Doc(
            "DNS names under which clients reach the virtual address. They become part of the certificates of the pools.")
        @Default("[]")
        @Written(Form.DNS_NAME)
        List<String> names,
    @Doc("VRRP router ID. It must be unique on the network segment.")
        @Default("51")
        @Min(1)
        @Max(255)
        int virtualRouterId) {

  /** Keeps a copy that cannot be changed. */
  public Network {
    names = List.copyOf(names);
  }
}
