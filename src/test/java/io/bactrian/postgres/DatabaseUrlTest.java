package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {
    private static final String CANARY = "canary";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgresql://u:p@h:1/d                   | h:1            | u    | d",
                "postgres://u:p@h/d                       | h:5432         | u    | d",
                "postgresql://u@h                         | h:5432         | u    | u",
                "postgresql://u@h/                        | h:5432         | u    | u",
                "postgresql://u@h?dbname=d                | h:5432         | u    | d",
                "postgresql://h/d?user=u                  | h:5432         | u    | d",
                "postgresql://u@/d?host=h&port=7          | h:7            | u    | d",
                "postgresql:///d?user=u&host=/run/pg      | /run/pg:5432   | u    | d",
                "postgresql://u@%2Fvar%2Frun%2Fpg:7/d     | /var/run/pg:7  | u    | d",
                "postgresql://u@[::1]:7/d                 | [::1]:7        | u    | d",
                "postgresql://u@[2001:db8::1]/d           | [2001:db8::1]:5432 | u | d",
                "postgresql://u@a,b:7,[::1]/d             | a:5432, b:7, [::1]:5432 | u | d",
                "postgresql://u@/d?host=a,b&port=7        | a:7, b:7       | u    | d",
                "postgresql://u@/d?host=a,b&port=7,8      | a:7, b:8       | u    | d",
                "postgresql://u%40x:%3A@h/%2Fd%3F         | h:5432         | u@x  | /d?",
                "postgresql://u@h/d%C3%A9j%C3%A0%20vu     | h:5432         | u    | déjà vu",
                "postgresql://u@h/a+b                     | h:5432         | u    | a+b",
                "postgresql://u@h/d?hostaddr=127.0.0.1    | h:5432         | u    | d",
                "postgresql://u@/d?hostaddr=127.0.0.1     | 127.0.0.1:5432 | u    | d",
                "postgresql://u@h/d?&sslmode=require&     | h:5432         | u    | d",
            })
    void every_form_of_libpq_is_understood(String url, String hosts, String user, String database) {
        DatabaseUrl parsed = DatabaseUrl.parse(url, Map.of());
        assertThat(parsed.hosts().stream().map(Host::toString).toList()).containsExactly(hosts.split(", "));
        assertThat(parsed.user()).isEqualTo(user);
        assertThat(parsed.database()).isEqualTo(database);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://u:%40%3A%2F%3F%23%25%20'%22%5C@h/d",
                "postgresql://u@h/d?password=%40%3A%2F%3F%23%25%20'%22%5C",
            })
    void passwords_may_hold_any_character(String url) {
        DatabaseUrl parsed = DatabaseUrl.parse(url, Map.of());
        assertThat(parsed.password(Host.of("h", 5432), "d")).contains("@:/?#% '\"\\");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "canary",
                "mysql://u:canary@h/d",
                "host=h password=canary",
                "postgresql:/u:canary@h/d",
                "postgresql://u:can@ary@h/d",
                "postgresql://u:canary/x@h/d",
                "postgresql://u:5/canary@h/d",
                "postgresql://u:canary%@h/d",
                "postgresql://u:canary%zz@h/d",
                "postgresql://u:canary%00@h/d",
                "postgresql://u:canary%ff@h/d",
                "postgresql://u:5/x?canary=@h/d",
                "postgresql://u@h/d?password=x&canary=y",
                "postgresql://u:canary@h:0/d",
                "postgresql://u:canary@h:65536/d",
                "postgresql://u:canary@h:5432x/d",
                "postgresql://u:canary@[::1/d",
                "postgresql://u:canary@[]/d",
                "postgresql://u:canary@[::1]x/d",
                "postgresql://u:canary@a,b/d?port=1,2,3",
                "postgresql://u:canary@a,b/d?hostaddr=127.0.0.1",
                "postgresql://u:canary@h/d?sslmode=maybe",
                "postgresql://u:canary@h/d?sslmode",
                "postgresql://u:canary@h/d?sslmode=a=b",
                "postgresql://u:canary@h/d?connect_timeout=soon",
                "postgresql://u:canary@h/d?target_session_attrs=best",
                "postgresql://u:canary@h/d?replication=database",
                "postgresql://u:canary@h/d?sslpassword=canary",
                "postgresql://u:canary@%40abstract/d",
            })
    void a_malformed_url_is_refused_without_being_quoted(String url) {
        Failure failure = refusal(url);
        assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(failure).hasMessageContaining("DATABASE_URL").hasMessageNotContainingAny(CANARY, "ary@");
        assertThat(failure.hint()).doesNotContain(CANARY).isNotEmpty();
    }

    @Test
    void an_unknown_parameter_is_named() {
        assertThat(refusal("postgresql://u:canary@h/d?sslmod=require")).hasMessageContaining("\"sslmod\"");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "  "})
    void no_url_is_wrong_usage_with_an_example(String url) {
        assertThat(refusal(url)).hasMessage("DATABASE_URL is not set");
        assertThat(refusal(url).hint()).contains("postgresql://user:password@host:5432/database");
    }

    @Test
    void the_environment_fills_what_the_url_leaves_out() {
        Map<String, String> environment = Map.of(
                "PGHOST",
                "h",
                "PGPORT",
                "7",
                "PGUSER",
                "u",
                "PGPASSWORD",
                "p",
                "PGDATABASE",
                "d",
                "PGSSLMODE",
                "require");
        DatabaseUrl parsed = DatabaseUrl.parse("postgresql://", environment);
        assertThat(parsed).hasToString("d at h:7");
        assertThat(parsed.user()).isEqualTo("u");
        assertThat(parsed.password(parsed.hosts().get(0), "d")).contains("p");
        assertThat(parsed.parameter(Keyword.SSLMODE)).contains("require");
        assertThat(DatabaseUrl.parse("postgresql://x@y/z", environment)).hasToString("z at y:7");
    }

    @Test
    void a_service_file_comes_before_the_environment_and_after_the_url(@TempDir Path home) throws IOException {
        Files.writeString(
                home.resolve(".pg_service.conf"),
                "# comment\n[other]\nhost=no\n[mine]\nhost=h\nport=7\nuser=u\npassword=p=q\n\n[more]\nhost=no\n");
        Map<String, String> environment = Map.of("HOME", home.toString(), "PGHOST", "no", "PGDATABASE", "d");
        assertThat(DatabaseUrl.parse("postgresql://?service=mine", environment)).hasToString("d at h:7");
        assertThat(DatabaseUrl.parse("postgresql://x?service=mine", environment))
                .hasToString("d at x:7");
        assertThat(catchThrowableOfType(
                        Failure.class, () -> DatabaseUrl.parse("postgresql://?service=none", environment)))
                .hasMessageContaining(".pg_service.conf");
    }

    @Test
    void the_password_file_is_read_as_libpq_does(@TempDir Path home) throws IOException {
        Path file = home.resolve(".pgpass");
        Files.writeString(
                file, "# h:5432:d:u:no\nother:*:*:*:no\nh:5432:d\\:x:u:colon\nh:*:d:u:a\\:b\\\\c:d\n*:*:*:u:any\n");
        Map<String, String> environment = Map.of("HOME", home.toString());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u@h/d", environment);
        assertThat(url.password(Host.of("h", 5432), "d")).contains("a:b\\c:d");
        assertThat(url.password(Host.of("h", 5432), "d:x")).contains("colon");
        assertThat(url.password(Host.of("/run/elsewhere", 5432), "d")).contains("any");
        assertThat(DatabaseUrl.parse("postgresql://v@h/d", environment).password(Host.of("h", 1), "d"))
                .isEmpty();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(url.password(Host.of("h", 5432), "d")).isEmpty();
    }

    @Test
    void what_it_prints_holds_no_password() {
        assertThat(DatabaseUrl.parse("postgresql://u:canary@h,[::1]:7/d?application_name=canary", Map.of()))
                .hasToString("d at h:5432, [::1]:7");
    }

    private static Failure refusal(String url) {
        return catchThrowableOfType(Failure.class, () -> DatabaseUrl.parse(url, Map.of()));
    }
}
