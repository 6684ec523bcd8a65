package ninefold.secret;

import com.pulumi.core.Output;
import com.pulumi.resources.ComponentResource;
import com.pulumi.resources.CustomResourceOptions;
import com.pulumi.resources.Resource;
import com.pulumi.tls.CertRequest;
import com.pulumi.tls.CertRequestArgs;
import com.pulumi.tls.LocallySignedCert;
import com.pulumi.tls.LocallySignedCertArgs;
import com.pulumi.tls.PrivateKey;
import com.pulumi.tls.PrivateKeyArgs;
import com.pulumi.tls.SelfSignedCert;
import com.pulumi.tls.SelfSignedCertArgs;
import com.pulumi.tls.inputs.CertRequestSubjectArgs;
import com.pulumi.tls.inputs.SelfSignedCertSubjectArgs;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import ninefold.cluster.Node;

/** The certificate authority of one cluster. */
final class Authority extends ComponentResource {
  private static final double AUTHORITY_HOURS = 10 * 365 * 24.0;
  private static final double CERTIFICATE_HOURS = 2 * 365 * 24.0;
  private static final double EARLY_RENEWAL_HOURS = 60 * 24.0;

  private final PrivateKey key;
  private final SelfSignedCert certificate;

  Authority(String cluster, Resource parent) {
    super(
        "ninefold:secret:Authority",
        "authority",
        com.pulumi.resources.ComponentResourceOptions.builder().parent(parent).build());
    this.key = key("authority");
    this.certificate =
        new SelfSignedCert(
            "authority/certificate",
            SelfSignedCertArgs.builder()
                .privateKeyPem(key.privateKeyPem())
                .subjects(
                    SelfSignedCertSubjectArgs.builder()
                        .commonName("Ninefold authority of " + cluster)
                        .build())
                .isCaCertificate(true)
                .validityPeriodHours(AUTHORITY_HOURS)
                .allowedUses("cert_signing", "crl_signing")
                .build(),
            child());
    registerOutputs(Map.of("certificate", certificate.certPem()));
  }

  Output<String> certificate() {
    return certificate.certPem();
  }

  /** A key and a certificate that serves as both ends of a connection. */
  Identity issue(String name, Node node, List<String> addresses) {
    var own = key(name);
    var request =
        new CertRequest(
            name + "/request",
            CertRequestArgs.builder()
                .privateKeyPem(own.privateKeyPem())
                .subjects(CertRequestSubjectArgs.builder().commonName(node.name()).build())
                .dnsNames(node.name())
                .ipAddresses(
                    Stream.concat(Stream.of(node.address(), "127.0.0.1"), addresses.stream())
                        .distinct()
                        .toList())
                .build(),
            child());
    var signed =
        new LocallySignedCert(
            name + "/certificate",
            LocallySignedCertArgs.builder()
                .caPrivateKeyPem(key.privateKeyPem())
                .caCertPem(certificate.certPem())
                .certRequestPem(request.certRequestPem())
                .validityPeriodHours(CERTIFICATE_HOURS)
                .earlyRenewalHours(EARLY_RENEWAL_HOURS)
                .allowedUses("digital_signature", "server_auth", "client_auth")
                .build(),
            child());
    return new Identity(certificate.certPem(), signed.certPem(), pkcs8(own));
  }

  private PrivateKey key(String name) {
    return new PrivateKey(
        name + "/key",
        PrivateKeyArgs.builder().algorithm("ECDSA").ecdsaCurve("P256").build(),
        child());
  }

  private static Output<String> pkcs8(PrivateKey key) {
    return key.privateKeyPemPkcs8().asSecret();
  }

  private CustomResourceOptions child() {
    return CustomResourceOptions.builder().parent(this).build();
  }
}
