package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;

/** Runs {@code pitr} as a user would, into a database of its own that is dropped again; nothing else may be left of it. */
final class Recovery {
    private static final String COPY = "recovered";

    private final Program program;
    private final Path temporary;
    private final Ledger.Opening maintenance;
    private final Ledger.Opening copy;

    /**
     * @param program with the superuser's URL of the database that is to be recovered
     * @param folder for temporary files, open to the account of the server programs
     */
    Recovery(Program program, Path folder, Databases server) throws IOException {
        this.temporary = Files.createTempDirectory(
                folder, "recovery", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        this.program = program.with("BACKUP_TEMP_DIR", temporary.toString());
        this.maintenance = () -> server.connect("postgres");
        this.copy = () -> server.connect(COPY);
    }

    @FunctionalInterface
    interface Databases {
        Connection connect(String database) throws SQLException;
    }

    /** Recovers a moment and holds it against what was committed by then. */
    void assertExact(Instant time, Ledger ledger, Ledger.History history) throws Exception {
        int hours = (int) (history.lastBy(time) % 25) - 12; // any offset means the same moment
        recover(time.atOffset(ZoneOffset.ofHours(hours)).toString());
        ledger.assertIsAsOf(time, copy, history);
        drop();
    }

    /** Recovers all there is and holds it against the source. */
    void assertLatest(Ledger ledger) throws Exception {
        recover("latest");
        ledger.assertIsAll(copy);
        drop();
    }

    private void recover(String time) throws Exception {
        assertDone(program.run("pitr", time, COPY));
        assertThat(Aftermath.entries(temporary)).as("left of pitr " + time).isEmpty();
    }

    private void drop() throws SQLException {
        try (Connection connection = maintenance.open();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE " + COPY);
        }
    }
}
