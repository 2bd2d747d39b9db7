package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseUrl;
import java.util.Optional;

/** What the database is called that settings are for. */
final class DatabaseName {
    private DatabaseName() {}

    /** By people: its name among several, else that on the server; empty as for {@link #of}. */
    static Optional<String> known(Settings settings) {
        return Optional.of(settings.name()).filter(name -> !name.isEmpty()).or(() -> of(settings));
    }

    /** By the server. Empty where the URL is missing or wrong: whoever needs the server will say so. */
    static Optional<String> of(Settings settings) {
        try {
            return Optional.of(DatabaseUrl.parse(settings.databaseUrl(), settings.environment())
                    .database());
        } catch (Failure unusable) {
            return Optional.empty();
        }
    }
}
