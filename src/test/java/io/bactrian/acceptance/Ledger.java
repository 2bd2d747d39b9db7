package io.bactrian.acceptance;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;

/**
 * A database in which one writer numbers its rows, each a transaction of its own, while others write beside it. When each was
 * committed the server itself tells, so what belongs to a moment is known exactly.
 */
final class Ledger implements AutoCloseable {
    /** What a server must be set to. */
    static final Map<String, String> SETTINGS = Map.of("track_commit_timestamp", "on", "synchronous_commit", "on");

    /** Money moves between accounts, so that a transaction of which only a part was recovered shows. */
    private static final String SCHEMA = """
            CREATE TABLE ledger (n bigint PRIMARY KEY, noted timestamptz NOT NULL);
            CREATE TABLE beside (writer int NOT NULL, text text NOT NULL);
            CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL);
            INSERT INTO account SELECT i, 0 FROM generate_series(1, 100) i""";

    private static final String NEXT =
            "INSERT INTO ledger SELECT coalesce(max(n), 0) + 1, clock_timestamp() FROM ledger";
    private static final String REST = "SELECT pg_sleep(random() * 0.02)";
    private static final String BESIDE = """
            BEGIN;
            INSERT INTO beside SELECT %1$d, repeat(md5(random()::text), 1 + (random() * 30)::int);
            UPDATE account SET balance = balance + CASE id WHEN %1$d THEN 7 ELSE -7 END WHERE id IN (%1$d, %1$d + 50);
            COMMIT""";

    /** Some 4 MB of log that hardly compress, and nothing in the database. */
    private static final String FLOOD = """
            SELECT pg_logical_emit_message(false, 'flood', string_agg(md5(random()::text), ''))
            FROM generate_series(1, 120000)""";

    private final Opening database;
    private final List<CompletableFuture<Void>> writers = new ArrayList<>();
    private volatile boolean writing;

    /** Of a database that has its tables, on a promoted server perhaps. */
    Ledger(Opening database) {
        this.database = database;
    }

    @FunctionalInterface
    interface Opening {
        Connection open() throws SQLException;
    }

    static Ledger create(Opening database) throws SQLException {
        try (Connection connection = database.open();
                Statement statement = connection.createStatement()) {
            statement.execute(SCHEMA);
        }
        return new Ledger(database);
    }

    /** Writes in the background until {@link #pause}; returns once it has begun. */
    void write() throws SQLException {
        writing = true;
        long before = last();
        begin(NEXT);
        for (int other = 1; other <= 2; other++) {
            begin(String.format(BESIDE, other));
        }
        awaitMore(before, 10);
    }

    /** Lets the log grow fast, too, until {@link #pause}. */
    void flood() {
        begin(FLOOD);
    }

    /** Waits until the writer has done so many more. */
    void write(int rows) throws SQLException {
        awaitMore(last(), rows);
    }

    private void awaitMore(long before, int rows) {
        await().atMost(60, SECONDS)
                .pollInterval(Duration.ofMillis(20))
                .failFast("a writer has ended", () -> writers.stream().anyMatch(CompletableFuture::isDone))
                .until(() -> last() >= before + rows);
    }

    private void begin(String transaction) {
        writers.add(CompletableFuture.runAsync(
                () -> {
                    try (Connection connection = database.open();
                            Statement statement = connection.createStatement()) {
                        while (writing) {
                            statement.execute(transaction);
                            statement.execute(REST);
                        }
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> new Thread(task, "writer").start()));
    }

    /** Lets the writers finish what they are at, and fails if one had failed. */
    void pause() {
        writing = false;
        writers.forEach(CompletableFuture::join);
        writers.clear();
    }

    long last() throws SQLException {
        return Long.parseLong(
                rows(database, "SELECT coalesce(max(n), 0) FROM ledger").get(0));
    }

    void switchWal() throws SQLException {
        rows(database, "SELECT pg_switch_wal()");
    }

    /** The server's clock. */
    Instant now() throws SQLException {
        return instant(rows(database, "SELECT clock_timestamp()").get(0));
    }

    /** Those that are over, and those under way. */
    String transactions() throws SQLException {
        return rows(database, "SELECT pg_current_snapshot()").get(0);
    }

    /** When each row was committed, as the server remembers it. */
    History history() throws SQLException {
        TreeMap<Instant, Long> committed = new TreeMap<>();
        try (Connection connection = database.open();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT n, pg_xact_commit_timestamp(xmin) FROM ledger ORDER BY n")) {
            while (row.next()) {
                committed.put(row.getObject(2, OffsetDateTime.class).toInstant(), row.getLong(1));
            }
        }
        // the order of the numbers is that of the commits
        assertThat(List.copyOf(committed.values()))
                .isEqualTo(LongStream.rangeClosed(1, committed.size()).boxed().toList());
        TreeSet<Instant> beside = new TreeSet<>();
        for (String time : rows(database, "SELECT pg_xact_commit_timestamp(xmin) FROM beside")) {
            beside.add(instant(time));
        }
        return new History(committed, beside);
    }

    /**
     * @param committed the number of each row by the time of its commit
     * @param beside when others committed
     */
    record History(TreeMap<Instant, Long> committed, TreeSet<Instant> beside) {
        private static final Duration CLEAR = Duration.ofMillis(1);

        /** The last row that was committed by then; 0 if none was. */
        long lastBy(Instant time) {
            Map.Entry<Instant, Long> last = committed.floorEntry(time);
            return last == null ? 0 : last.getValue();
        }

        /**
         * Whether recovery to that time means one state only. Of two sessions that commit at nearly the same time, the one with
         * the later timestamp may come first in the log, and recovery stops there.
         */
        boolean isClear(Instant time) {
            return beside.subSet(time.minus(CLEAR), time.plus(CLEAR)).isEmpty();
        }
    }

    /** That a copy holds what was committed by then, no more and no less. */
    void assertIsAsOf(Instant time, Opening copy, History history) throws SQLException {
        assertEndsWith(history.lastBy(time), copy, "as of " + time);
    }

    /** That a copy holds all there is; nobody writes meanwhile. */
    void assertIsAll(Opening copy) throws SQLException {
        assertEndsWith(last(), copy, "latest");
        for (String everything :
                List.of("SELECT t::text FROM beside t ORDER BY 1", "SELECT t::text FROM account t ORDER BY 1")) {
            assertThat(rows(copy, everything)).isEqualTo(rows(database, everything));
        }
    }

    private void assertEndsWith(long last, Opening copy, String description) throws SQLException {
        assertThat(Long.parseLong(
                        rows(copy, "SELECT coalesce(max(n), 0) FROM ledger").get(0)))
                .as("last row " + description)
                .isEqualTo(last);
        assertThat(rows(copy, "SELECT t::text FROM ledger t ORDER BY n"))
                .as("rows " + description)
                .isEqualTo(rows(database, "SELECT t::text FROM ledger t WHERE n <= " + last + " ORDER BY n"));
        assertThat(rows(copy, "SELECT sum(balance) FROM account")).containsExactly("0");
    }

    private static Instant instant(String timestamp) {
        return OffsetDateTime.parse(timestamp.replace(' ', 'T').replaceFirst("([+-]\\d\\d)$", "$1:00"))
                .toInstant();
    }

    private static List<String> rows(Opening database, String query) throws SQLException {
        try (Connection connection = database.open();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                rows.add(row.getString(1));
            }
            return rows;
        }
    }

    /** Ends the writers, whatever became of their server. */
    @Override
    public void close() {
        writing = false;
        writers.forEach(writer -> writer.handle((done, failure) -> null).join());
    }
}
