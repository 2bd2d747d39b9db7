package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GlobalsTest {
    @Test
    void statements_are_split_outside_quotes_dollar_quotes_and_comments() {
        Globals globals = Globals.parse("""
                --
                -- it's a comment; still one
                --
                \\restrict abc
                SET client_encoding = 'UTF8';
                CREATE ROLE "a;b""c";
                COMMENT ON ROLE "a;b""c" IS 'x;y''z
                -- no comment';
                COMMENT ON ROLE d IS $q$;'$q$; /* ; */ CREATE ROLE e;
                COMMENT ON ROLE e IS E'it\\'s;';
                \\unrestrict abc
                """);

        assertThat(globals.statements())
                .containsExactly(
                        "SET client_encoding = 'UTF8'",
                        "CREATE ROLE \"a;b\"\"c\"",
                        "COMMENT ON ROLE \"a;b\"\"c\" IS 'x;y''z\n-- no comment'",
                        "COMMENT ON ROLE d IS $q$;'$q$",
                        "CREATE ROLE e",
                        "COMMENT ON ROLE e IS E'it\\'s;'");
    }

    @Test
    void password_hashes_are_not_in_its_text() {
        Globals globals = Globals.parse("CREATE ROLE a;ALTER ROLE a WITH LOGIN PASSWORD 'SCRAM-SHA-256$canary';");

        assertThat(globals).asString().doesNotContain("canary");
        assertThat(GlobalStatement.of(globals.statements())).asString().doesNotContain("canary");
    }

    @Test
    void attributes_that_a_new_role_lacks_anyway_are_not_asked_for_since_only_who_has_them_may() {
        Globals globals = Globals.parse("""
                CREATE ROLE " WITH NOSUPERUSER";
                ALTER ROLE " WITH NOSUPERUSER" WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS PASSWORD 'a NOSUPERUSER';
                """);

        assertThat(GlobalStatement.of(globals.statements()))
                .extracting(GlobalStatement::sql)
                .containsExactly("CREATE ROLE \" WITH NOSUPERUSER\";"
                        + " ALTER ROLE \" WITH NOSUPERUSER\" WITH INHERIT LOGIN PASSWORD 'a NOSUPERUSER'");
    }

    @Test
    void a_role_and_its_attributes_are_one_step_and_foreign_statements_none() {
        Globals globals = Globals.parse("""
                CREATE ROLE "a b"; ALTER ROLE "a b" WITH LOGIN; ALTER ROLE "a b" SET work_mem TO '1MB';
                ALTER ROLE "a b" IN DATABASE d SET work_mem TO '2MB';
                DROP ROLE other; DROP DATABASE d; SELECT 1; ALTER ROLE postgres WITH NOLOGIN PASSWORD 'x';
                """);

        assertThat(GlobalStatement.of(globals.statements()))
                .extracting(GlobalStatement::sql)
                .containsExactly(
                        "CREATE ROLE \"a b\"; ALTER ROLE \"a b\" WITH LOGIN",
                        "ALTER ROLE \"a b\" SET work_mem TO '1MB'",
                        "ALTER ROLE postgres WITH NOLOGIN PASSWORD 'x'");
    }
}
