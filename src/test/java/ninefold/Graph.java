package ninefold;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.pulumi.Log;
import com.pulumi.core.Output;
import com.pulumi.deployment.internal.EngineLogger;
import com.pulumi.resources.Resource;
import com.pulumi.test.Mocks;
import com.pulumi.test.PulumiTest;
import com.pulumi.test.TestOptions;
import com.pulumi.test.TestResult;
import com.pulumi.test.internal.MockMonitor;
import com.pulumi.test.internal.PulumiTestInternal;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import ninefold.description.reader.DescriptionReader;
import ninefold.pulumi.SdkLog;
import ninefold.ssh.Connections;
import pulumirpc.Resource.RegisterResourceRequest;
import pulumirpc.Resource.RegisterResourceResponse;
import pulumirpc.Resource.SupportsFeatureRequest;
import pulumirpc.Resource.SupportsFeatureResponse;

/** The resources that the program declares for a description. None of them is created. */
public final class Graph {
  /** The type of a step. */
  public static final String COMMAND = "command:remote:Command";

  /** The stack for descriptions that belong to no stack. */
  private static final String STACK = "test";

  private static final String HOST_KEY = "ssh-ed25519 " + "A".repeat(68);

  /**
   * A resource as the engine sees it.
   *
   * @param urn its URN
   * @param type its type
   * @param name its name
   * @param parent the URN of its parent; empty for the stack itself
   * @param dependencies the URNs of its dependencies
   * @param inputs its inputs, with secrets in plain text
   * @param secrets the names of the secret inputs, such as {@code connection.privateKey}
   * @param isProtected whether the engine refuses to delete it
   * @param ignored the inputs whose changes the engine ignores
   */
  public record Declared(
      String urn,
      String type,
      String name,
      String parent,
      Set<String> dependencies,
      Map<String, Object> inputs,
      Set<String> secrets,
      boolean isProtected,
      Set<String> ignored) {

    /** Returns an input as text; empty if it is absent. */
    public String text(String input) {
      return (String) inputs.getOrDefault(input, "");
    }

    /** Returns the machine, which is the first part of a step's name. */
    public String machine() {
      return name.substring(0, name.indexOf('/'));
    }

    /** Returns the second part of a step's name, after the machine. */
    public String thing() {
      return name.substring(name.indexOf('/') + 1);
    }

    @Override
    public String toString() {
      return type + " " + name;
    }
  }

  private final Map<String, Declared> byUrn = new HashMap<>();
  private final List<Declared> resources;
  private final TestResult result;

  private Graph(List<Declared> resources, TestResult result) {
    this.resources = List.copyOf(resources);
    this.result = result;
    resources.forEach(resource -> byUrn.put(resource.urn(), resource));
  }

  /**
   * Declares the resources of a description in a file. No machine is created, so any file serves as
   * the image. The keys of all existing hosts are known.
   */
  public static Graph of(Path description) {
    return of(description, Map.of());
  }

  /** Declares the resources with additional settings of the stack. */
  public static Graph of(Path description, Map<String, String> more) {
    return of(settings(description, more), preview(STACK));
  }

  /** Declares the resources of one of the project's stacks, under its own name. */
  public static Graph ofStack(String name) {
    return of(settings(Descriptions.stack(name), Map.of()), preview(name));
  }

  private static Map<String, String> settings(Path description, Map<String, String> more) {
    var knownHosts =
        DescriptionReader.read(description).nodes().stream()
            .map(node -> Connections.address(node) + " " + HOST_KEY + "\n")
            .collect(joining());
    var settings = new HashMap<>(more);
    settings.put("cluster", description.toString());
    settings.put("baseImage", description.toString());
    settings.put("sshPrivateKey", FakeProviders.secret("key of the administrator"));
    settings.put("knownHosts", knownHosts);
    return settings;
  }

  /** Declares the resources with this configuration of the stack. */
  public static Graph of(Map<String, String> settings) {
    return of(settings, preview(STACK));
  }

  /** Declares the resources as an {@code up} does, which first logs in to existing hosts. */
  public static Graph ofUp(Map<String, String> settings) {
    return of(settings, options(STACK, false));
  }

  /** Returns the options of a preview; an update would first log in to existing hosts. */
  private static TestOptions preview(String stack) {
    return options(stack, true);
  }

  /** Declares the resources with all settings in plain text. */
  static Graph ofPlain(Map<String, String> settings) {
    return of(settings, Set.of(), preview(STACK));
  }

  private static TestOptions options(String stack, boolean preview) {
    return TestOptions.builder().projectName("ninefold").stackName(stack).preview(preview).build();
  }

  private static Graph of(Map<String, String> settings, TestOptions options) {
    var secret = Set.of("ninefold:sshPrivateKey", "ninefold:backupPassphrase", "ninefold:caKey");
    return of(settings, secret, options);
  }

  private static Graph of(Map<String, String> settings, Set<String> secret, TestOptions options) {
    var recorder = new Recorder();
    var test =
        PulumiTestInternal.builder()
            .options(options)
            .config(
                settings.entrySet().stream()
                    .collect(toMap(entry -> "ninefold:" + entry.getKey(), Map.Entry::getValue)),
                secret)
            .mocks(recorder)
            .standardLogger(SdkLog.takeOver(PulumiTestInternal.logger(Level.OFF)))
            .monitorDecorator(monitor -> recorder.monitor())
            .build();
    try {
      var result = test.runTest(App::stack);
      return new Graph(recorder.declared(), result);
    } finally {
      PulumiTestInternal.cleanup();
    }
  }

  /** Returns every resource. */
  public List<Declared> resources() {
    return resources;
  }

  /** Returns the steps of all machines. */
  public List<Declared> steps() {
    return resources.stream().filter(resource -> resource.type().equals(COMMAND)).toList();
  }

  /** Returns the step with this name, such as {@code etcd1/packages}. */
  public Declared step(String name) {
    return steps().stream()
        .filter(step -> step.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no step is named " + name));
  }

  /** Returns the resource with the number of a step's change. */
  public Declared change(Declared step) {
    return resources.stream()
        .filter(resource -> resource.name().equals(step.name() + "/change"))
        .findFirst()
        .orElseThrow(() -> new AssertionError(step.name() + " has no resource for its changes"));
  }

  /** Returns a resource by its URN. */
  public Declared byUrn(String urn) {
    return byUrn.get(urn);
  }

  /** Returns the names of all steps on which a step depends, directly or indirectly. */
  public Set<String> before(Declared step) {
    var names = new LinkedHashSet<String>();
    var seen = new LinkedHashSet<>(step.dependencies());
    var open = new ArrayDeque<>(step.dependencies());
    while (!open.isEmpty()) {
      var resource = byUrn.get(open.remove());
      if (resource.type().equals(COMMAND)) {
        names.add(resource.name());
      }
      resource.dependencies().stream().filter(seen::add).forEach(open::add);
    }
    return names;
  }

  /** Returns the error, if there was one. */
  public List<Exception> exceptions() {
    return result.exceptions();
  }

  /** Returns the messages that users saw. */
  public List<String> errors() {
    return result.errors();
  }

  /** Returns an output of the stack. */
  public Object output(String name) {
    return PulumiTest.extractValue((Output<?>) result.outputs().get(name));
  }

  /** Returns the outputs of the stack, by name. */
  public Map<String, Object> outputs() {
    return result.outputs().keySet().stream().collect(toMap(name -> name, this::output));
  }

  /** Returns the names of the secret outputs. */
  public Set<String> secretOutputs() {
    return result.outputs().entrySet().stream()
        .filter(output -> PulumiTestInternal.extractOutputData(output.getValue()).isSecret())
        .map(Map.Entry::getKey)
        .collect(toSet());
  }

  /** A fake engine that records the resources that it should create. */
  private static final class Recorder implements Mocks {
    /** The field with which the engine marks a secret value. */
    private static final String MARK = "4dabf18193072939515e22adb298388d";

    private final List<Declared> declared = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Map<String, Object>> inputs =
        Collections.synchronizedMap(new HashMap<>());

    @Override
    public CompletableFuture<ResourceResult> newResourceAsync(ResourceArgs args) {
      inputs.put(args.type + " " + args.name, args.inputs);
      return CompletableFuture.completedFuture(FakeProviders.made(args));
    }

    List<Declared> declared() {
      synchronized (declared) {
        return List.copyOf(declared);
      }
    }

    MockMonitor monitor() {
      return new MockMonitor(this, new Log(EngineLogger.ignore())) {
        @Override
        public CompletableFuture<SupportsFeatureResponse> supportsFeatureAsync(
            SupportsFeatureRequest request) {
          return CompletableFuture.completedFuture(
              SupportsFeatureResponse.newBuilder().setHasSupport(true).build());
        }

        @Override
        public CompletableFuture<RegisterResourceResponse> registerResourceAsync(
            Resource resource, RegisterResourceRequest request) {
          return super.registerResourceAsync(resource, request)
              .thenApply(
                  response -> {
                    declared.add(declared(request, response.getUrn()));
                    return response;
                  });
        }
      };
    }

    private Declared declared(RegisterResourceRequest request, String urn) {
      return new Declared(
          urn,
          request.getType(),
          request.getName(),
          request.getParent(),
          Set.copyOf(request.getDependenciesList()),
          inputs.getOrDefault(request.getType() + " " + request.getName(), Map.of()),
          secrets(request.getObject()),
          request.getProtect(),
          Set.copyOf(request.getIgnoreChangesList()));
    }

    private static Set<String> secrets(Struct object) {
      var names = new LinkedHashSet<String>();
      object
          .getFieldsMap()
          .forEach(
              (name, value) -> {
                if (isSecret(value)) {
                  names.add(name);
                } else {
                  secrets(value.getStructValue()).forEach(inner -> names.add(name + "." + inner));
                }
              });
      return names;
    }

    private static boolean isSecret(Value value) {
      return value.getStructValue().containsFields(MARK);
    }
  }
}
