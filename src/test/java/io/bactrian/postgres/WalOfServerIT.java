package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.Failure;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a real server writes, before and after a promotion, is what we read. */
class WalOfServerIT {
    private static ScratchServer server;

    @BeforeAll
    static void start() throws IOException {
        server = ScratchServer.start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void segments_and_the_history_of_a_promoted_server_are_understood() throws IOException, SQLException {
        try (Standby standby = Standby.of(server);
                Connection promoted = standby.connect("postgres")) {
            String systemId = value(promoted, "SELECT system_identifier FROM pg_control_system()");
            int bytes = Integer.parseInt(
                    value(promoted, "SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'"));
            server.sql("postgres", "CREATE TABLE written AS SELECT g FROM generate_series(1, 10000) g");
            Lsn written = Lsn.of(server.value("postgres", "SELECT pg_current_wal_lsn()"));
            await().until(() -> !replayed(promoted).isBefore(written));
            Sql.execute(promoted, "SELECT pg_promote(true, 60)");
            Lsn now = Lsn.of(value(promoted, "SELECT pg_current_wal_insert_lsn()"));
            TimelineHistory history = TimelineHistory.parse(2, file(promoted, TimelineHistory.fileName(2)));
            TimelineHistory.Ancestor first = history.ancestors().get(0);

            WalSegment crossing = WalSegment.containing(first.end(), 2, bytes);
            assertThat(value(promoted, "SELECT pg_walfile_name('" + now + "')"))
                    .isEqualTo(WalSegment.containing(now, 2, bytes).name());
            assertThat(first.timeline()).isEqualTo(1);
            assertThat(first.end()).isLessThan(now);
            assertThat(history.contains(1, first.end())).isTrue();
            assertThat(history.contains(1, now)).isFalse();

            byte[] page = page(promoted, crossing);
            assertThatCode(() -> WalHeader.check(page, crossing, systemId)).doesNotThrowAnyException();
            assertThat(WalHeader.read(page).orElseThrow().timeline())
                    .as("the segment of the switch begins with what the timeline before wrote")
                    .isEqualTo(1);
            assertThatThrownBy(() -> WalHeader.check(page, crossing.next(), systemId))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("another place in the log");
        }
    }

    private static Lsn replayed(Connection standby) throws SQLException {
        return Lsn.of(value(standby, "SELECT pg_last_wal_replay_lsn()"));
    }

    private static String file(Connection connection, String name) throws SQLException {
        return value(connection, "SELECT pg_read_file('pg_wal/" + name + "')");
    }

    private static byte[] page(Connection connection, WalSegment segment) throws SQLException {
        return Sql.rows(
                        connection,
                        "SELECT pg_read_binary_file('pg_wal/" + segment.name() + "', 0, " + WalHeader.BYTES + ")",
                        row -> row.getBytes(1))
                .get(0);
    }

    private static String value(Connection connection, String query) throws SQLException {
        return Sql.rows(connection, query, row -> row.getString(1)).get(0);
    }
}
