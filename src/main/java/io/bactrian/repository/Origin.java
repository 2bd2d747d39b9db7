package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.io.File;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;

/**
 * Which database a full came from: what its manifest says of that, and nothing else of it is read. It is not authenticated.
 *
 * @param database its name on the server
 * @param systemIdentifier of its cluster; null where the role may not ask
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Origin(
        BackupId id, String database, String systemIdentifier, Instant finished, Map<String, String> options) {

    /** The option of a full that has the name of its database among several, where that is not its name on the server. */
    public static final String NAME = "name";

    /** @throws IOException if it is no manifest */
    public static Origin read(File manifest) throws IOException {
        return Json.mapper().readValue(manifest, Origin.class);
    }

    /** What people call it: its name among several databases, else that on the server. */
    public String name() {
        return name(options, database);
    }

    static Map<String, String> nameOnly(Map<String, String> options) {
        String name = options == null ? null : options.get(NAME);
        return name == null ? Map.of() : Map.of(NAME, name);
    }

    /** As {@link #name()}, of the options and the database in a manifest. */
    public static String name(Map<String, String> options, String database) {
        return options == null ? database : options.getOrDefault(NAME, database);
    }
}
