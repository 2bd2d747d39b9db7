package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A dump for some tables, beside one of all, both by the real {@code pg_dump}. */
class DumpScopeIT {
    private static final String ODD = "Odd; 'n' $(x) \"q\" \\ö 🐫.%s [a-z]*?+|{1}^\nline";

    @TempDir
    private static Path folder;

    private static ScratchServer server;
    private static Path whole;

    @BeforeAll
    static void a_database_of_tables_that_are_easily_confused() throws Exception {
        server = ScratchServer.start();
        server.sql("postgres", "CREATE DATABASE app");
        server.sql(
                "app",
                "CREATE EXTENSION hstore",
                "CREATE SCHEMA sales",
                "CREATE SCHEMA " + quoted(ODD),
                "CREATE TYPE sales.state AS ENUM ('new', 'paid')",
                "CREATE SEQUENCE sales.shared_number START 100",
                "CREATE TABLE customer (id serial PRIMARY KEY, name text)",
                "CREATE TABLE sales.customer (id serial PRIMARY KEY, name text)",
                "CREATE TABLE sales.orders (id serial PRIMARY KEY, number int DEFAULT nextval('sales.shared_number'),"
                        + " customer int REFERENCES customer, state sales.state, tags hstore)",
                "CREATE TABLE orders (LIKE sales.orders)",
                "CREATE TABLE \"Orders\" (LIKE sales.orders)",
                "CREATE TABLE \"ORDERS\" (LIKE sales.orders)",
                "CREATE TABLE \"orders.\" (LIKE sales.orders)",
                "CREATE TABLE order_ (LIKE sales.orders)",
                "CREATE TABLE ordersx (LIKE sales.orders)",
                "CREATE TABLE " + quoted(ODD) + " (LIKE sales.orders)",
                "CREATE TABLE " + quoted(ODD) + "." + quoted(ODD) + " (LIKE sales.orders)",
                "CREATE TABLE " + quoted(ODD) + "." + quoted(ODD.toLowerCase(java.util.Locale.ROOT))
                        + " (LIKE sales.orders)",
                "CREATE TABLE \"a$b\" (LIKE sales.orders)",
                "CREATE TABLE \"a?b\" (LIKE sales.orders)",
                "CREATE TABLE a_b (LIKE sales.orders)",
                "CREATE TABLE visit (id int, number int, customer int, state sales.state, tags hstore)"
                        + " PARTITION BY RANGE (id)",
                "CREATE TABLE sales.visit_low PARTITION OF visit FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id)",
                "CREATE TABLE visit_1 PARTITION OF sales.visit_low FOR VALUES FROM (0) TO (5)",
                "CREATE TABLE \"Visit 2\" PARTITION OF sales.visit_low FOR VALUES FROM (5) TO (10)",
                "CREATE TABLE visit_high PARTITION OF visit DEFAULT",
                "CREATE TABLE ancestor (LIKE sales.orders)",
                "CREATE TABLE heir () INHERITS (ancestor)",
                "CREATE TABLE nothing (a int)",
                "CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM orders",
                "SELECT lo_from_bytea(0, 'large')",
                "INSERT INTO customer (name) VALUES ('one')",
                "INSERT INTO sales.customer (name) VALUES ('two')",
                """
                DO $$ DECLARE t regclass; BEGIN
                  FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|info)'
                      AND relname NOT IN ('customer', 'nothing') LOOP
                    EXECUTE format('INSERT INTO %s (id, customer, state, tags) SELECT i, 1, ''paid'', ''a=>b''
                                    FROM generate_series(%s) i', t,
                                   CASE t::text WHEN '"Visit 2"' THEN '5, 9' WHEN 'visit_high' THEN '10, 19' ELSE '1, 4' END);
                  END LOOP;
                END $$""");
        try (Connection connection = server.connect("app")) {
            whole = dumped("app", DumpScope.whole(connection));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sales.orders",
                "orders",
                "\"Orders\"",
                "order?",
                "visit",
                "sales.visit_low",
                "visit_high",
                "ancestor",
                "heir",
                "sales.*",
                "\"a$b\"",
                "\"a?b\"",
                "nothing",
                "*"
            })
    void what_is_restored_of_it_is_what_would_be_restored_of_all(String pattern) throws Exception {
        Path some = dumped("app", scope("app", pattern));

        assertThat(script(some, pattern)).isEqualTo(script(whole, pattern));
        assertThat(rowsIn(some))
                .isSubsetOf(andWhatIsEmpty(contents(some).select(pattern).tables()));
    }

    @Test
    void names_may_hold_anything() throws Exception {
        String pattern = quoted(ODD) + "." + quoted(ODD);
        Path some = dumped("app", scope("app", pattern));

        assertThat(script(some, pattern)).isEqualTo(script(whole, pattern)).contains("COPY ");
        assertThat(rowsIn(some)).isSubsetOf(andWhatIsEmpty(List.of(new TableName(ODD, ODD))));
        assertThat(scope("app", pattern).arguments())
                .as("whatever they hold, a shell, a URI or a locale has nothing to misread")
                .allMatch(argument -> argument.matches("[-=a-z0-9_.()\\\\B]+"));
    }

    @Test
    void rows_that_are_not_in_it_need_no_room() throws Exception {
        assertThat(scope("app", "nothing").bytes()).isZero();
        assertThat(scope("app", "visit").bytes())
                .isPositive()
                .isEqualTo(3 * scope("app", "visit_high").bytes());
    }

    @Test
    void where_codes_of_characters_are_not_unicode_only_plain_names_are_left_out() throws Exception {
        server.sql(
                "postgres", "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
        server.sql("latin", "CREATE TABLE plain AS SELECT 1", "CREATE TABLE \"Öd\" AS SELECT 1", "CREATE TABLE t ()");

        assertThat(scope("latin", "t").arguments()).containsExactly("-B", "--exclude-table-data=public.plain");
    }

    @Test
    void of_more_tables_than_a_command_line_may_name_the_smallest_come_along() throws Exception {
        server.sql("postgres", "CREATE DATABASE crowd");
        server.sql("crowd", """
                DO $$ BEGIN
                  FOR i IN 1..1100 LOOP
                    EXECUTE format('CREATE TABLE %I AS SELECT generate_series(1, %s)', 'Crowd ' || i, CASE WHEN i > 50 THEN 300 ELSE 1 END);
                  END LOOP;
                END $$""");

        Path some = dumped("crowd", scope("crowd", "\"Crowd 7\""));

        assertThat(rowsIn(some))
                .hasSize(100)
                .contains(new TableName("public", "Crowd 7"))
                .contains(IntStream.rangeClosed(1, 50)
                        .mapToObj(i -> new TableName("public", "Crowd " + i))
                        .toArray(TableName[]::new));
    }

    private static DumpScope scope(String database, String pattern) throws Exception {
        try (Connection connection = server.connect(database)) {
            return DumpScope.ofTables(pattern, connection);
        }
    }

    private static Path dumped(String database, DumpScope scope) throws Exception {
        Path dump = Files.createTempFile(folder, "some", ".dump");
        List<String> command = new ArrayList<>(List.of("pg_dump", "--format=custom", "--file=" + dump));
        command.addAll(scope.arguments());
        server.run("postgres", database, command.toArray(String[]::new));
        return dump;
    }

    /** What {@code pg_restore} would do for these tables, without what differs from run to run. */
    private static String script(Path dump, String pattern) throws Exception {
        Path list = Files.write(
                folder.resolve("list"), contents(dump).select(pattern).lines());
        String sql = server.run("postgres", "app", "pg_restore", "--use-list=" + list, "--file=-", dump.toString());
        return sql.lines().filter(line -> !line.matches("\\\\(un)?restrict .*")).collect(Collectors.joining("\n"));
    }

    private static TableOfContents contents(Path dump) throws IOException {
        try (InputStream archive = Files.newInputStream(dump)) {
            return TableOfContents.read(archive);
        }
    }

    private static List<TableName> rowsIn(Path dump) throws IOException {
        try (InputStream archive = Files.newInputStream(dump)) {
            return ArchiveReader.read(archive).entries().stream()
                    .filter(entry -> entry.type().equals("TABLE DATA"))
                    .map(ArchiveEntry::tableName)
                    .toList();
        }
    }

    private static List<TableName> andWhatIsEmpty(List<TableName> tables) {
        return Stream.concat(tables.stream(), Stream.of(new TableName("public", "nothing")))
                .toList();
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
