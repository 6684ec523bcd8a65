package ninefold.description.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** A complete implementation of JSON Schema, with which ours is compared. */
public final class ReferenceValidator {
  public static final DescriptionSchema OURS = DescriptionSchema.packaged(new ObjectMapper());

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  private ReferenceValidator() {}

  /** The schema in its file. */
  static JsonNode schema() throws IOException {
    return new ObjectMapper().readTree(Files.readString(SchemaGenerator.FILE));
  }

  /** The problems of a tree. */
  public static List<?> errors(JsonNode tree) throws IOException {
    return REGISTRY.getSchema(schema()).validate(tree);
  }

  /** The problems of the schema itself. */
  static List<?> schemaErrors() throws IOException {
    Schema meta =
        REGISTRY.getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));
    return meta.validate(schema());
  }
}
