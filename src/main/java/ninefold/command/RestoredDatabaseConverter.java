package ninefold.command;

import picocli.CommandLine.ITypeConverter;

/** Reads the name of a database from the command line. */
final class RestoredDatabaseConverter implements ITypeConverter<RestoredObject> {
  @Override
  public RestoredObject convert(String value) {
    // The name must be in the description, which permits only plain identifiers.
    return new RestoredObject.WholeDatabase(value);
  }
}
