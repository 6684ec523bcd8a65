package ninefold.host;

import com.pulumi.command.remote.inputs.ConnectionArgs;
import com.pulumi.core.Output;
import com.pulumi.resources.Resource;
import java.util.List;
import java.util.Optional;
import ninefold.description.Node;
import ninefold.render.Bundle;

/**
 * A machine that can be reached; whether it is a virtual one is not known here.
 *
 * @param node its part in the cluster
 * @param connection how it is reached
 * @param identity another once the machine was made anew; then every step runs on it again
 * @param lasting whether the machine outlives the stack, so that what was set up on it is taken
 *     away again by {@code pulumi destroy}
 * @param wiped what of its data is taken away with it
 * @param madeBy the resources that must be there before it can be reached
 * @param authorized the public keys of the stack that are to let the administrator in, as {@code
 *     type key}; none where that is not the stack's business
 * @param hostKeys what makes its sshd show other keys than those of its first boot, if it is to
 */
public record Host(
    Node node,
    Output<ConnectionArgs> connection,
    Output<String> identity,
    boolean lasting,
    WipeScope wiped,
    List<Resource> madeBy,
    List<Output<String>> authorized,
    Optional<Bundle> hostKeys) {}
