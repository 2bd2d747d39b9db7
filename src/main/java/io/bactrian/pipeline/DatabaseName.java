package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.DatabaseUrl;
import java.util.Optional;

/** What the server calls the database that settings are for. */
final class DatabaseName {
    private DatabaseName() {}

    /** Empty where the URL is missing or wrong: whoever needs the server will say so. */
    static Optional<String> of(Settings settings) {
        try {
            return Optional.of(DatabaseUrl.parse(settings.databaseUrl(), settings.environment())
                    .database());
        } catch (Failure unusable) {
            return Optional.empty();
        }
    }
}
