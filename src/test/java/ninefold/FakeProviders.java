package ninefold;

import com.pulumi.test.Mocks.ResourceArgs;
import com.pulumi.test.Mocks.ResourceResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Fake providers, whose values are readable texts that name their origin. */
final class FakeProviders {
  /** The prefix of each secret, so that a search finds all. */
  static final String SECRET = "SECRET";

  private FakeProviders() {}

  /** Returns a secret with a readable name, of letters only, like generated passwords. */
  static String secret(String what) {
    return SECRET + "(" + what + ")";
  }

  static ResourceResult made(ResourceArgs args) {
    Map<String, Object> state = new HashMap<>(args.inputs);
    switch (args.type) {
      case "tls:index/privateKey:PrivateKey" -> {
        state.put("privateKeyPem", secret(args.name) + "\n");
        state.put("privateKeyPemPkcs8", secret(args.name) + "\n");
        state.put("privateKeyOpenssh", secret(args.name) + "\n");
        state.put("publicKeyOpenssh", "ssh-ed25519 " + "B".repeat(68) + " " + args.name + "\n");
      }
      case "tls:index/selfSignedCert:SelfSignedCert" -> {
        state.put("certPem", "certificate of the " + args.name.replace("/certificate", "") + "\n");
        state.put("validityEndTime", "2036-01-01T00:00:00Z");
      }
      case "tls:index/certRequest:CertRequest" -> state.put("certRequestPem", subject(args));
      case "tls:index/locallySignedCert:LocallySignedCert" -> {
        state.put("certPem", "certificate for " + state.get("certRequestPem") + "\n");
        state.put("validityEndTime", "2028-01-01T00:00:00Z");
      }
      case "random:index/id:Id" -> state.put("hex", number(args.inputs.get("keepers")));
      case "random:index/password:Password" -> state.put("result", secret(args.name));
      case "command:remote:Command" -> state.put("stdout", "what " + args.name + " said");
      default -> {}
    }
    if (args.type.startsWith("libvirt:index/")) {
      // A bridged provider also returns the ID under the resource's name, such as volumeId.
      var kind = args.type.substring("libvirt:index/".length(), args.type.indexOf(':', 8));
      state.put(kind + "Id", "id of " + args.name);
    }
    return ResourceResult.of(Optional.of("id of " + args.name), state);
  }

  /** Returns a number that depends on the keepers. */
  static String number(Object keepers) {
    return Integer.toHexString(String.valueOf(keepers).hashCode());
  }

  /** Returns the names of a certificate request. */
  private static String subject(ResourceArgs args) {
    var subject = (Map<?, ?>) ((List<?>) args.inputs.get("subjects")).get(0);
    return subject.get("commonName")
        + " "
        + args.inputs.get("dnsNames")
        + " "
        + args.inputs.get("ipAddresses");
  }
}
