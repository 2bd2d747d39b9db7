package io.bactrian.postgres;

import java.util.Map;

/** What a child process inherits of our environment: nothing that only we need, above all no passphrase and no URL. */
public final class ChildEnvironment {
    private ChildEnvironment() {}

    /** Takes away our own settings, and PostgreSQL's, which would overrule what a child is told. */
    public static void clear(Map<String, String> environment) {
        environment
                .keySet()
                .removeIf(variable ->
                        variable.startsWith("BACKUP_") || variable.startsWith("PG") || variable.equals("DATABASE_URL"));
    }
}
