package ninefold.cluster;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

/**
 * The network that all nodes share.
 *
 * @param cidr the network, IPv4
 * @param virtualAddress the address that clients use; held by one of the balancers
 * @param virtualRouterId VRRP's router number; unique on its network segment
 */
public record Network(
    @Doc("The network that all nodes share, as in 192.168.100.0/24.") @Written(Form.CIDR)
        String cidr,
    @Doc("The address that clients use; one of the balancers holds it.") @Written(Form.ADDRESS)
        String virtualAddress,
    @Doc("VRRP's router number, unique on the network segment.") @Default("51") @Min(1) @Max(255)
        int virtualRouterId) {}
