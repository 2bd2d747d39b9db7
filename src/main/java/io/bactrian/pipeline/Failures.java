package io.bactrian.pipeline;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.sql.SQLException;

/** Finds, or makes, the {@link Failure} in what was thrown. */
public final class Failures {
    private Failures() {}

    public static Failure of(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof Failure failure) {
                return failure;
            }
            if (t instanceof SQLException sql) {
                return io.bactrian.postgres.Server.explain(sql, "talking to the server");
            }
        }
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String what = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return new Failure(
                ExitCode.FAILED, what, "This was not foreseen: the log has the details. Please report it.", root);
    }
}
