package ninefold.host;

import com.pulumi.command.remote.inputs.ConnectionArgs;
import com.pulumi.core.Output;
import com.pulumi.resources.Resource;
import java.util.List;
import java.util.Optional;
import ninefold.description.Node;
import ninefold.render.Bundle;

/**
 * A machine with root access over ssh. This package does not know whether it is virtual.
 *
 * @param node the machine's node in the description
 * @param connection the ssh connection
 * @param identity a text that changes when the machine is replaced, so that all its steps run again
 * @param lasting whether the machine outlives the stack; if so, {@code pulumi destroy} removes what
 *     was set up on it
 * @param wiped the data that is deleted together with the machine's steps
 * @param madeBy the resources that must exist before the machine can be reached
 * @param authorized the public keys of the stack that may log in as its administrator, as {@code
 *     TYPE KEY}; empty if the stack does not manage them
 * @param hostKeys the files that make sshd show host keys other than those of its first boot; empty
 *     if it shows those
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
