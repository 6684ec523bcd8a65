package ninefold.description.reader;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import ninefold.description.Cluster;
import ninefold.description.HiveProfile;
import ninefold.description.check.ConsistencyChecks;
import ninefold.description.problem.Problems;
import ninefold.description.problem.SourceLines;
import ninefold.description.schema.DescriptionSchema;
import ninefold.description.schema.DurationText;

/**
 * Reads a description: YAML, checked against the schema, bound to records, checked as a whole.
 *
 * <p>It reports all problems at once: a stage runs on whatever the stages before it could still
 * interpret.
 */
public final class DescriptionReader {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new SimpleModule().addDeserializer(Duration.class, new DurationReader()))
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(
              DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
              DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private static final DescriptionSchema SCHEMA = DescriptionSchema.packaged(MAPPER);

  private DescriptionReader() {}

  /**
   * Reads the description in a file.
   *
   * @throws InvalidDescriptionException with all problems in it
   */
  public static Cluster read(Path file) {
    Problems problems = new Problems();
    SourceLines lines = new SourceLines();
    Optional<Cluster> cluster =
        text(file, problems).flatMap(text -> cluster(text, problems, lines));
    if (cluster.isEmpty() || !problems.isEmpty()) {
      throw new InvalidDescriptionException(file.toString(), problems.inOrder(lines), lines);
    }
    return cluster.get();
  }

  private static Optional<String> text(Path file, Problems problems) {
    try {
      if (Files.isRegularFile(file) && Files.size(file) > YamlDocument.LONGEST) {
        problems.add("", "the file is larger than 1 MiB", "name a description of a cluster");
        return Optional.empty();
      }
      return Optional.of(Files.readString(file));
    } catch (NoSuchFileException e) {
      problems.add(
          "", "there is no such file", "set ninefold:cluster to a file, such as stacks/dev.yaml");
    } catch (CharacterCodingException e) {
      problems.add("", "the file is not UTF-8 text", "save it as UTF-8");
    } catch (IOException e) {
      problems.add("", "the file cannot be read", e.toString());
    }
    return Optional.empty();
  }

  private static Optional<Cluster> cluster(String text, Problems problems, SourceLines lines) {
    JsonNode tree = YamlDocument.parse(text, problems, lines);
    if (tree.isMissingNode()) {
      if (problems.isEmpty()) {
        problems.add("", "the file is empty", "start from a copy of stacks/existing.yaml");
      }
      return Optional.empty();
    }
    problems.endStage();
    SCHEMA.check(tree, problems);
    problems.endStage();
    Optional<Cluster> cluster = bind(tree, problems).map(HiveProfile::fillIn);
    cluster.ifPresent(bound -> ConsistencyChecks.run(bound, problems));
    return cluster;
  }

  /** Reads {@code 30min} instead of ISO 8601. */
  private static final class DurationReader extends StdDeserializer<Duration> {
    private static final long serialVersionUID = 1;

    private DurationReader() {
      super(Duration.class);
    }

    @Override
    public Duration deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return DurationText.parse(parser.getText());
    }
  }

  private static Optional<Cluster> bind(JsonNode tree, Problems problems) {
    try {
      return Optional.of(MAPPER.treeToValue(tree, Cluster.class));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      if (problems.isEmpty()) {
        throw new IllegalStateException("the schema allows what the records refuse", e);
      }
      return Optional.empty();
    }
  }
}
