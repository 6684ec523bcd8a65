/** The operators' command, {@code ./ninefold}. */
package ninefold.command;
