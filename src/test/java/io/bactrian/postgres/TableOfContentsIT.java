package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Selections are restored for real into an empty database. */
class TableOfContentsIT {
    @TempDir
    private static Path folder;

    private static ScratchServer server;
    private static Path dump;

    @BeforeAll
    static void start() throws Exception {
        server = ScratchServer.start();
        server.sql("postgres", "CREATE DATABASE app", "CREATE ROLE \"re ader\"", "CREATE ROLE \"S p\"");
        server.sql(
                "app",
                "CREATE EXTENSION hstore",
                "CREATE SCHEMA \"S p\"",
                "COMMENT ON SCHEMA \"S p\" IS E'two\\nlines'",
                "GRANT USAGE ON SCHEMA \"S p\" TO \"re ader\"",
                "CREATE TYPE \"S p\".mood AS ENUM ('fine', 'so so')",
                "CREATE DOMAIN \"S p\".positive AS int CHECK (VALUE > 0)",
                "ALTER DOMAIN \"S p\".positive ADD CONSTRAINT small CHECK (VALUE < 10000) NOT VALID",
                "CREATE FUNCTION \"S p\".stamp() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$BEGIN NEW.stamped := 'by ' || TG_NAME; RETURN NEW; END$$",
                "CREATE FUNCTION unrelated() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE TABLE customer (id serial PRIMARY KEY, name text)",
                "INSERT INTO customer (name) VALUES ('one'), ('two')",
                "CREATE TABLE \"S p\".\"Ord er\" (id serial PRIMARY KEY, ident int GENERATED ALWAYS AS IDENTITY,"
                        + " customer int REFERENCES customer, parent int REFERENCES \"S p\".\"Ord er\", feel \"S p\".mood,"
                        + " amount \"S p\".positive, tags hstore, stamped text, CONSTRAINT \"c k\" CHECK (amount < 100))",
                "INSERT INTO \"S p\".\"Ord er\" (customer, feel, amount, tags) SELECT 1, 'so so', n, 'a=>b'"
                        + " FROM generate_series(1, 9) AS n",
                "CREATE TRIGGER \"tr g\" BEFORE INSERT ON \"S p\".\"Ord er\" FOR EACH ROW EXECUTE FUNCTION \"S p\".stamp()",
                "CREATE INDEX \"i x\" ON \"S p\".\"Ord er\" (customer)",
                "COMMENT ON INDEX \"S p\".\"i x\" IS 'index'",
                "COMMENT ON COLUMN \"S p\".\"Ord er\".feel IS E'line\\nbreak; depends on: 1'",
                "CREATE STATISTICS \"S p\".\"st at\" ON customer, amount FROM \"S p\".\"Ord er\"",
                "GRANT SELECT, UPDATE (feel) ON \"S p\".\"Ord er\" TO \"re ader\"",
                "CREATE POLICY own ON \"S p\".\"Ord er\" USING (amount > 0)",
                "CREATE POLICY linked ON \"S p\".\"Ord er\" USING (customer IN (SELECT id FROM customer))",
                "ALTER TABLE \"S p\".\"Ord er\" ENABLE ROW LEVEL SECURITY",
                "CREATE RULE \"ru le\" AS ON DELETE TO \"S p\".\"Ord er\" DO INSTEAD NOTHING",
                "ALTER TABLE \"S p\".\"Ord er\" ADD CONSTRAINT late CHECK (amount < 1000) NOT VALID",
                "CREATE TABLE \"S p\".\"Ord\" (a int)",
                "CREATE TABLE \"Ord er\" (of_public int)",
                "CREATE TABLE \"line\nbreak 1; 2 TABLE x\" AS SELECT 1 AS v",
                "CREATE TABLE \"Ünï$(code)\\%s\"\"q\"\"\" AS SELECT 1 AS v",
                "CREATE TABLE sale (day int, note text, customer int REFERENCES customer, PRIMARY KEY (day))"
                        + " PARTITION BY RANGE (day)",
                "CREATE TABLE sale_low PARTITION OF sale FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (day)",
                "CREATE TABLE sale_low_1 PARTITION OF sale_low FOR VALUES FROM (0) TO (5)",
                "CREATE TABLE sale_high PARTITION OF sale DEFAULT",
                "CREATE INDEX ON sale (note)",
                "INSERT INTO sale VALUES (1, 'low'), (100, 'high')",
                "CREATE TABLE borrower (id int DEFAULT nextval('customer_id_seq'))",
                "CREATE TABLE ancestor (a int)",
                "INSERT INTO ancestor VALUES (1)",
                "CREATE TABLE heir (b int) INHERITS (ancestor)",
                "INSERT INTO heir VALUES (2, 3)",
                "CREATE VIEW seen AS SELECT * FROM customer",
                "CREATE PUBLICATION news FOR TABLE customer");
        dump = folder.resolve("app.dump");
        server.run("postgres", "app", "pg_dump", "-Fc", "-f", dump.toString());
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void createEmptyDatabase() throws SQLException {
        server.sql("postgres", "CREATE DATABASE target TEMPLATE template0");
    }

    @AfterEach
    void dropDatabase() throws SQLException {
        server.sql("postgres", "DROP DATABASE target");
    }

    @Test
    void objects_are_as_many_as_pg_restore_counts() throws Exception {
        String listing = server.run("postgres", "app", "pg_restore", "--list", dump.toString());
        Matcher entries = Pattern.compile("TOC Entries: (\\d+)").matcher(listing);

        assertThat(entries.find()).isTrue();
        assertThat(contents().objects()).isEqualTo(Integer.parseInt(entries.group(1)));
        assertThat(TableOfContents.objectsIn(listing)).isEqualTo(contents().objects());
    }

    @Test
    void odd_names_are_read_exactly() throws Exception {
        assertThat(contents().tables())
                .contains(
                        new TableName("S p", "Ord"),
                        new TableName("S p", "Ord er"),
                        new TableName("public", "line\nbreak 1; 2 TABLE x"),
                        new TableName("public", "Ünï$(code)\\%s\"q\""));
    }

    @Test
    void a_table_comes_back_with_all_that_is_its_own() throws Exception {
        TableSelection selection = restore("\"S p\".\"Ord er\"");

        assertThat(selection.tables()).containsExactly(new TableName("S p", "Ord er"));
        assertThat(tables()).isEqualTo("S p.Ord er");
        assertThat(value("SELECT count(*) FROM \"S p\".\"Ord er\"")).isEqualTo("9");
        assertThat(value("SELECT string_agg(indexrelid::regclass::text, ' ' ORDER BY 1) FROM pg_index"
                        + " WHERE indrelid = '\"S p\".\"Ord er\"'::regclass"))
                .isEqualTo("\"S p\".\"Ord er_pkey\" \"S p\".\"i x\"");
        assertThat(value("SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint"
                        + " WHERE conrelid = '\"S p\".\"Ord er\"'::regclass"))
                .isEqualTo("Ord er_parent_fkey Ord er_pkey c k late");
        assertThat(
                        value(
                                "INSERT INTO \"S p\".\"Ord er\" (amount) VALUES (1) RETURNING id || ' ' || ident || ' ' || stamped"))
                .isEqualTo("10 10 by tr g");
        assertThat(value("SELECT string_agg(polname, ' ') FROM pg_policy")).isEqualTo("own");
        assertThat(value("SELECT relrowsecurity FROM pg_class WHERE relname = 'Ord er'"))
                .isEqualTo("t");
        assertThat(value("SELECT count(*) FROM pg_rules WHERE rulename = 'ru le'"))
                .isEqualTo("1");
        assertThat(value("SELECT count(*) FROM pg_statistic_ext WHERE stxname = 'st at'"))
                .isEqualTo("1");
        assertThat(value("SELECT col_description('\"S p\".\"Ord er\"'::regclass, 5)"))
                .isEqualTo("line\nbreak; depends on: 1");
        assertThat(value("SELECT obj_description('\"S p\".\"i x\"'::regclass)")).isEqualTo("index");
        assertThat(value("SELECT has_table_privilege('re ader', '\"S p\".\"Ord er\"', 'SELECT')"
                        + " AND has_column_privilege('re ader', '\"S p\".\"Ord er\"', 'feel', 'UPDATE')"
                        + " AND has_schema_privilege('re ader', 'S p', 'USAGE')"))
                .isEqualTo("t");
        assertThat(value("SELECT count(*) FROM pg_proc WHERE proname = 'unrelated'"))
                .isEqualTo("0");
    }

    @Test
    void owned_sequences_stay_owned() throws Exception {
        restore("\"S p\".\"Ord er\"");

        server.sql("target", "DROP TABLE \"S p\".\"Ord er\"");
        assertThat(value("SELECT count(*) FROM pg_sequence")).isEqualTo("0");
    }

    @Test
    void links_to_tables_that_are_not_restored_are_left_out_and_named() throws Exception {
        assertThat(contents().select("\"S p\".\"Ord er\"").warnings())
                .containsExactlyInAnyOrder(
                        "Foreign key Ord er_customer_fkey of \"S p\".\"Ord er\" is left out:"
                                + " it refers to public.customer, which is not restored.",
                        "Policy linked of \"S p\".\"Ord er\" is left out:"
                                + " it refers to public.customer, which is not restored.");
    }

    @Test
    void a_pattern_for_everything_keeps_foreign_keys_and_brings_all_tables() throws Exception {
        TableSelection selection = restore("*.*");

        assertThat(selection.warnings()).isEmpty();
        assertThat(selection.tables()).isEqualTo(contents().tables());
        assertThat(value("SELECT count(*) FROM pg_constraint WHERE contype = 'f'"))
                .isEqualTo(server.value("app", "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"));
        assertThat(value("SELECT count(*) FROM pg_views WHERE viewname = 'seen'"))
                .isEqualTo("0");
    }

    @Test
    void a_partitioned_table_brings_its_partitions_of_every_level() throws Exception {
        TableSelection selection = restore("sale");

        assertThat(selection.tables())
                .extracting(TableName::name)
                .containsExactly("sale", "sale_high", "sale_low", "sale_low_1");
        assertThat(value("SELECT string_agg(tableoid::regclass || ' ' || note, ', ' ORDER BY day) FROM sale"))
                .isEqualTo("sale_low_1 low, sale_high high");
        assertThat(value("SELECT count(*) FROM pg_index WHERE NOT indisvalid")).isEqualTo("0");
        assertThat(value("SELECT count(*) FROM pg_inherits"))
                .isEqualTo(server.value(
                        "app", "SELECT count(*) FROM pg_inherits WHERE inhrelid::regclass::text LIKE 'sale%'"));
    }

    @Test
    void a_partition_by_itself_comes_with_its_parents_definition_and_says_so() throws Exception {
        TableSelection selection = restore("sale_high");

        assertThat(selection.warnings())
                .containsExactly(
                        "Table public.sale comes along without its rows: the restored tables need its definition.");
        assertThat(value("SELECT count(*) FROM sale")).isEqualTo("1");
    }

    @Test
    void an_heir_comes_with_its_ancestors_definition_but_not_its_rows() throws Exception {
        restore("heir");

        assertThat(value("SELECT count(*) FROM heir")).isEqualTo("1");
        assertThat(value("SELECT count(*) FROM ONLY ancestor")).isEqualTo("0");
    }

    @Test
    void a_sequence_of_another_table_comes_without_that_table() throws Exception {
        restore("borrower");

        assertThat(tables()).isEqualTo("public.borrower");
        assertThat(value("INSERT INTO borrower VALUES (DEFAULT) RETURNING id")).isEqualTo("3");
    }

    @Test
    void into_a_database_that_has_all_else_only_the_table_itself_is_restored() throws Exception {
        restore("*.*");
        server.sql(
                "target",
                "DROP TABLE \"S p\".\"Ord er\"",
                "REVOKE USAGE ON SCHEMA \"S p\" FROM \"re ader\"",
                "DROP FUNCTION \"S p\".stamp()",
                "DROP TABLE borrower",
                "SELECT setval('customer_id_seq', 100)");

        TableSelection selection = restoreInto("\"S p\".\"Ord er\"");
        restoreInto("borrower");

        assertThat(selection.warnings())
                .contains("Kept as it is, since the database has it: type mood in schema S p.")
                .noneMatch(warning -> warning.contains("stamp"));
        assertThat(value("SELECT count(*) FROM \"S p\".\"Ord er\"")).isEqualTo("9");
        assertThat(value("SELECT count(*) FROM pg_trigger WHERE tgname = 'tr g'"))
                .isEqualTo("1");
        assertThat(value("SELECT has_schema_privilege('re ader', 'S p', 'USAGE')"))
                .isEqualTo("f");
        assertThat(value("INSERT INTO borrower VALUES (DEFAULT) RETURNING id")).isEqualTo("101");
    }

    @Test
    void a_partition_whose_parent_is_there_returns_to_it() throws Exception {
        restore("sale");
        server.sql("target", "DROP TABLE sale_high");

        TableSelection selection = restoreInto("sale_high");

        assertThat(selection.warnings())
                .contains("Kept as it is, since the database has it: table sale in schema public.");
        assertThat(value("SELECT count(*) FROM sale_high")).isEqualTo("1");
        assertThat(value("SELECT count(*) FROM sale")).isEqualTo("2");
    }

    @Test
    void names_with_line_breaks_and_signs_are_restored() throws Exception {
        restore("line?break*");
        restore("\"Ünï$(code)\\%s\"\"q\"\"\"");

        assertThat(value("SELECT count(*) FROM \"line\nbreak 1; 2 TABLE x\"")).isEqualTo("1");
        assertThat(value("SELECT count(*) FROM \"Ünï$(code)\\%s\"\"q\"\"\"")).isEqualTo("1");
    }

    @Test
    void a_pattern_that_matches_nothing_names_the_closest() {
        assertThatThrownBy(() -> contents().select("custmer")).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(failure.hint()).contains("closest names are: public.customer");
        });
        assertThatThrownBy(() -> contents().select("Ord er"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.hint()).contains("\"S p\".\"Ord er\""));
    }

    @Test
    void what_is_no_dump_or_only_part_of_one_is_an_integrity_failure() throws Exception {
        byte[] whole = Files.readAllBytes(dump);

        assertIntegrityFailure("CREATE TABLE x ();".getBytes(StandardCharsets.UTF_8));
        for (int length : List.of(0, 3, 10, 40, 100, 1000)) {
            assertIntegrityFailure(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void a_newer_archive_format_is_refused_with_a_way_out() throws Exception {
        byte[] newer = Files.readAllBytes(dump);
        newer[6] = 99;

        assertThatThrownBy(() -> TableOfContents.read(new ByteArrayInputStream(newer)))
                .isInstanceOfSatisfying(Failure.class, failure -> {
                    assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
                    assertThat(failure.hint()).contains("its own version of pg_restore");
                });
    }

    private static void assertIntegrityFailure(byte[] archive) {
        assertThatThrownBy(() -> TableOfContents.read(new ByteArrayInputStream(archive)))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY));
    }

    private static TableOfContents contents() throws IOException {
        try (InputStream archive = Files.newInputStream(dump)) {
            return TableOfContents.read(archive);
        }
    }

    private static TableSelection restore(String pattern) throws IOException {
        return restored(contents().select(pattern));
    }

    private static TableSelection restoreInto(String pattern) throws IOException, SQLException {
        try (Connection target = server.connect("target")) {
            return restored(contents().select(pattern, target));
        }
    }

    private static TableSelection restored(TableSelection selection) throws IOException {
        Path list = Files.write(folder.resolve("list"), selection.lines());
        server.run(
                "postgres",
                "target",
                "pg_restore",
                "--exit-on-error",
                "-L",
                list.toString(),
                "-d",
                "target",
                dump.toString());
        return selection;
    }

    private static String tables() throws SQLException {
        return value("SELECT string_agg(schemaname || '.' || tablename, ', ') FROM pg_tables"
                + " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')");
    }

    private static String value(String query) throws SQLException {
        try (Connection connection = server.connect("target")) {
            return Sql.rows(connection, query, row -> row.getString(1)).get(0);
        }
    }
}
