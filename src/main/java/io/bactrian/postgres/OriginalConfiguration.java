package io.bactrian.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How the server of a base was configured, from the artifact {@code configuration} that lies beside it.
 *
 * @param settings those that were not at their defaults
 * @param files where the configuration lay, and what was in it where the backup's role could read that
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record OriginalConfiguration(List<Setting> settings, List<File> files) {
    /** Nothing is known. */
    public static final OriginalConfiguration UNKNOWN = new OriginalConfiguration(List.of(), List.of());

    private static final Set<String> GIVEN_BY = Set.of("configuration file", "command line", "environment variable");
    private static final Set<String> OF_ITS_PLACE = Set.of(
            "config_file",
            "data_directory",
            "hba_file",
            "ident_file",
            "external_pid_file",
            "primary_conninfo",
            "primary_slot_name");

    public OriginalConfiguration {
        settings = settings == null ? List.of() : List.copyOf(settings);
        files = files == null ? List.of() : List.copyOf(files);
    }

    /**
     * @param value in the setting's own unit, as {@code pg_settings} shows it
     * @param source as there
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Setting(String name, String value, String source) {}

    /**
     * @param kind {@code config_file}, {@code hba_file}, {@code ident_file} or {@code included}
     * @param insideDataDirectory whether it came with the data
     * @param content Base64; null where it could not be read, or came with the data
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record File(String kind, String path, boolean insideDataDirectory, String content) {}

    /** The text of {@code hba_file} or {@code ident_file}, if it was kept. */
    Optional<String> text(String kind) {
        return files.stream()
                .filter(file -> file.kind().equals(kind) && file.content() != null)
                .map(file -> new String(Base64.getMimeDecoder().decode(file.content()), StandardCharsets.UTF_8))
                .findFirst();
    }

    /** Whether a file of that name among the data, if there is one, is not what the original used. */
    boolean keptElsewhere(String kind) {
        return files.stream().anyMatch(file -> file.kind().equals(kind) && !file.insideDataDirectory());
    }

    /** A postgresql.conf of the same settings: one file, whatever it was put together from. */
    String asFile() {
        return settings.stream()
                .filter(setting -> GIVEN_BY.contains(setting.source()) && !OF_ITS_PLACE.contains(setting.name()))
                .map(setting -> line(setting.name(), setting.value()))
                .collect(Collectors.joining());
    }

    static String line(String name, String value) {
        return name + " = '" + value.replace("'", "''") + "'\n";
    }
}
