package ninefold;

import com.pulumi.test.Mocks.ResourceArgs;
import com.pulumi.test.Mocks.ResourceResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What providers would answer: readable texts that say where a value comes from. */
final class FakeProviders {
  /** Each secret starts with it, so that a search finds every one. */
  static final String SECRET = "SECRET";

  private FakeProviders() {}

  /** A secret by what it is; of letters only, as made passwords are. */
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
      // A bridged provider's resource has its id under its own name too, as in volumeId.
      var kind = args.type.substring("libvirt:index/".length(), args.type.indexOf(':', 8));
      state.put(kind + "Id", "id of " + args.name);
    }
    return ResourceResult.of(Optional.of("id of " + args.name), state);
  }

  /** A number for what it is drawn for. */
  static String number(Object keepers) {
    return Integer.toHexString(String.valueOf(keepers).hashCode());
  }

  /** The names a certificate is asked for. */
  private static String subject(ResourceArgs args) {
    var subject = (Map<?, ?>) ((List<?>) args.inputs.get("subjects")).get(0);
    return subject.get("commonName")
        + " "
        + args.inputs.get("dnsNames")
        + " "
        + args.inputs.get("ipAddresses");
  }
}
