package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static io.bactrian.acceptance.LoudFailure.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.acceptance.Program.Outcome;
import java.nio.file.Path;
import java.sql.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Single tables out of a backup: into a new database, back into the live one, beside what is there. */
@ExtendWith(Postgres.Shared.class)
class RestoreTablesIT {
    @TempDir
    private static Path repository;

    @TempDir
    private Path temporary;

    private Program admin;

    @BeforeAll
    static void back_up_a_market(Postgres postgres) throws Exception {
        postgres.sql("postgres", "CREATE ROLE market_owner", "CREATE ROLE market_reader");
        postgres.createDatabase("market");
        postgres.sql(
                "market",
                "CREATE EXTENSION hstore",
                "CREATE SCHEMA sales",
                "COMMENT ON SCHEMA sales IS 'commented'",
                "GRANT USAGE ON SCHEMA sales TO market_reader, market_owner",
                "CREATE COLLATION sales.c (provider = libc, locale = 'C')",
                "CREATE TYPE sales.state AS ENUM ('new', 'paid')",
                "GRANT USAGE ON TYPE sales.state TO market_reader",
                "CREATE DOMAIN sales.positive AS int CHECK (VALUE > 0)",
                "CREATE SEQUENCE sales.shared_number START 100",
                "CREATE FUNCTION sales.stamp() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN NEW.stamped := true; RETURN NEW; END'",
                "COMMENT ON FUNCTION sales.stamp() IS 'stamps'",
                "CREATE AGGREGATE sales.many(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0')",
                "CREATE TABLE sales.customer (id serial PRIMARY KEY, name text)",
                "INSERT INTO sales.customer (name) VALUES ('one'), ('two')",
                "CREATE TABLE sales.orders (id serial PRIMARY KEY, number int DEFAULT nextval('sales.shared_number'),"
                        + " customer int REFERENCES sales.customer, state sales.state, amount sales.positive, tags hstore,"
                        + " note text COLLATE sales.c, stamped boolean)",
                "INSERT INTO sales.orders (customer, state, amount) SELECT 1, 'paid', i FROM generate_series(1, 50) i",
                "CREATE TRIGGER stamp BEFORE INSERT ON sales.orders FOR EACH ROW EXECUTE FUNCTION sales.stamp()",
                "CREATE VIEW sales.paid AS SELECT * FROM sales.orders WHERE state = 'paid'",
                "CREATE INDEX by_note ON sales.orders (note)",
                "GRANT SELECT ON sales.orders TO market_reader",
                "CREATE TABLE sales.line (orders int REFERENCES sales.orders, text text)",
                "ALTER TABLE sales.orders OWNER TO market_owner",
                "INSERT INTO sales.line SELECT i, 'line' FROM generate_series(1, 50) i",
                "CREATE TABLE sales.visit (day int, page text) PARTITION BY RANGE (day)",
                "CREATE TABLE sales.visit_low PARTITION OF sales.visit FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE sales.visit_high PARTITION OF sales.visit FOR VALUES FROM (10) TO (20)",
                "CREATE INDEX ON sales.visit (page)",
                "ALTER TABLE sales.visit ADD PRIMARY KEY (day)",
                "INSERT INTO sales.visit SELECT i, 'page' FROM generate_series(0, 19) i",
                "CREATE TABLE sales.\"Odd; 'n' $(x) \"\"q\"\" \\ö\nline\" AS SELECT 1 AS a");
        assertDone(Program.of(repository, postgres.backupUrl("market")).run("full"));
    }

    @BeforeEach
    void look_around(Postgres postgres) throws Exception {
        admin = Program.of(repository, postgres.adminUrl("postgres")).with("BACKUP_TEMP_DIR", temporary.toString());
    }

    @AfterEach
    void nothing_is_left_behind(Postgres postgres) throws Exception {
        assertThat(temporary).isEmptyDirectory();
        assertThat(postgres.databases()).noneMatch(name -> name.startsWith("bactrian_restoring_"));
    }

    @Test
    void a_table_goes_into_a_new_database_with_what_it_needs(Postgres postgres) throws Exception {
        Outcome done = admin.run("restore", "latest", "one_table", "--table", "sales.orders");

        assertDone(done);
        assertThat(done.out()).contains("orders_customer_fkey", "sales.customer");
        assertThat(postgres.value("one_table", "SELECT count(*) FROM sales.orders"))
                .isEqualTo("50");
        assertThat(postgres.value(
                        "one_table",
                        "INSERT INTO sales.orders (amount) VALUES (1) RETURNING id || ' ' || number || ' ' || stamped"))
                .isEqualTo("51 150 true");

        Outcome odd =
                admin.run("restore", "latest", "odd_table", "--table", "sales.\"Odd; 'n' $(x) \"\"q\"\" \\ö\nline\"");
        assertDone(odd);
        assertThat(postgres.value("odd_table", "SELECT count(*) FROM pg_tables WHERE schemaname = 'sales'"))
                .isEqualTo("1");
        assertFailed(admin.run("restore", "latest", "no_table", "--table", "oders"), 2, "oders", "sales.orders");
        assertThat(postgres.exists("no_table")).isFalse();
    }

    @Test
    void a_table_dropped_by_accident_comes_back_into_the_live_database(Postgres postgres) throws Exception {
        live(postgres, "dropped_table");
        postgres.sql(
                "dropped_table",
                "SELECT setval('sales.shared_number', 9000)",
                "INSERT INTO sales.customer (name) VALUES ('three')",
                "DROP TABLE sales.orders CASCADE");

        Outcome done = admin.run("restore", "latest", "dropped_table", "--table", "orders");

        assertDone(done);
        assertThat(done.out()).contains("Restored into database \"dropped_table\"", "sales.orders", "50");
        assertThat(postgres.value("dropped_table", "SELECT count(*) FROM sales.customer"))
                .isEqualTo("3");
        assertThat(postgres.value(
                        "dropped_table",
                        "INSERT INTO sales.orders (amount) VALUES (1) RETURNING id || ' ' || number || ' ' || stamped"))
                .isEqualTo("51 9001 true");
        assertThat(
                        postgres.value(
                                "dropped_table",
                                "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'orders'"))
                .isEqualTo("by_note orders_pkey");
        assertThat(postgres.value(
                        "dropped_table",
                        "SELECT relowner::regrole || ' ' || has_table_privilege('market_reader', oid, 'SELECT')"
                                + " FROM pg_class WHERE relname = 'orders'"))
                .isEqualTo("market_owner true");
    }

    @Test
    void a_table_that_is_there_is_refused_or_moved_aside(Postgres postgres) throws Exception {
        live(postgres, "moved_table");
        postgres.sql("moved_table", "UPDATE sales.orders SET note = 'live'");

        Outcome refused = admin.run("restore", "latest", "moved_table", "--table", "sales.orders");
        assertFailed(refused, 3, "already has sales.orders", "--replace");
        assertThat(postgres.value("moved_table", "SELECT count(*) FROM sales.orders WHERE note = 'live'"))
                .isEqualTo("50");

        Outcome done = admin.run("restore", "latest", "moved_table", "--table", "sales.orders", "--replace");

        assertDone(done);
        String schema =
                postgres.value("moved_table", "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'before\\_%'");
        assertThat(done.out())
                .contains(
                        "Kept the old sales.orders in schema \"" + schema + "\"",
                        "Still refers to the old one: foreign key line_orders_fkey of sales.line.",
                        "Still refers to the old one: view sales.paid.");
        assertThat(postgres.value(
                        "moved_table",
                        "SELECT count(*) FROM " + Postgres.quoted(schema) + ".orders WHERE note = 'live'"))
                .isEqualTo("50");
        assertThat(postgres.value("moved_table", "SELECT count(*) FROM sales.orders WHERE note IS NULL"))
                .isEqualTo("50");
        assertThat(postgres.value("moved_table", "SELECT pg_get_serial_sequence('sales.orders', 'id')"))
                .isEqualTo("sales.orders_id_seq");
    }

    @Test
    void a_dropped_partition_returns_to_its_live_table(Postgres postgres) throws Exception {
        live(postgres, "dropped_partition");
        postgres.sql("dropped_partition", "DROP TABLE sales.visit_high");

        assertDone(admin.run("restore", "latest", "dropped_partition", "--table", "visit_high"));

        assertThat(postgres.value("dropped_partition", "SELECT count(*) FROM sales.visit"))
                .isEqualTo("20");
        assertThat(postgres.value(
                        "dropped_partition",
                        "SELECT count(*) FROM pg_inherits WHERE inhrelid::regclass::text LIKE '%visit_high%'"))
                .isEqualTo("3");
    }

    @Test
    void a_partition_that_is_replaced_is_kept_aside_and_not_counted_twice(Postgres postgres) throws Exception {
        live(postgres, "replaced_partition");
        postgres.sql("replaced_partition", "UPDATE sales.visit SET page = 'live'");

        assertDone(admin.run("restore", "latest", "replaced_partition", "--table", "visit_high", "--replace"));

        assertThat(postgres.value("replaced_partition", "SELECT string_agg(page, ' ' ORDER BY day) FROM sales.visit"))
                .isEqualTo("live ".repeat(10) + "page ".repeat(10).strip());
    }

    @Test
    void what_cannot_be_loaded_leaves_the_live_database_as_it_was(Postgres postgres) throws Exception {
        live(postgres, "live_refusing");
        postgres.sql(
                "live_refusing",
                "UPDATE sales.orders SET note = 'live'",
                "ALTER DOMAIN sales.positive ADD CHECK (VALUE > 40) NOT VALID");

        Outcome failed = admin.run("restore", "latest", "live_refusing", "--table", "sales.orders", "--replace");

        assertFailed(failed, 1, "positive");
        assertThat(postgres.value("live_refusing", "SELECT count(*) FROM sales.orders WHERE note = 'live'"))
                .isEqualTo("50");
        assertThat(postgres.value("live_refusing", "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'before%'"))
                .isEqualTo("0");
    }

    @Test
    void a_table_that_stays_locked_is_not_waited_for_without_end(Postgres postgres) throws Exception {
        live(postgres, "locked_table");
        try (Connection session = postgres.connect("locked_table");
                var statement = session.createStatement()) {
            session.setAutoCommit(false);
            statement.execute("SELECT FROM sales.orders");

            Outcome refused = admin.with("BACKUP_LOCK_TIMEOUT", "1s")
                    .run("restore", "latest", "locked_table", "--table", "sales.orders", "--replace");

            assertFailed(refused, 3, "lock timeout");
        }
        assertThat(postgres.value("locked_table", "SELECT count(*) FROM sales.orders"))
                .isEqualTo("50");
    }

    /** What the market has become since the backup. */
    private static void live(Postgres postgres, String name) throws Exception {
        postgres.sql("postgres", "CREATE DATABASE " + name + " TEMPLATE market");
    }
}
