package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.postgres.DatabaseUrl;
import io.bactrian.stream.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfiguredDatabasesTest {
    private static final String URL = "postgresql://u:canary@db.example.com:5433/first?sslmode=require";

    @TempDir
    private Path home;

    @Test
    void without_the_setting_there_is_one_that_has_no_name() {
        Settings settings = Settings.read(home, Map.of("DATABASE_URL", URL));

        assertThat(settings.databases()).containsExactly(settings);
        assertThat(settings.name()).isEmpty();
    }

    @Test
    void names_are_databases_on_the_server_of_the_url() {
        List<Settings> databases = read("shop, crm,").databases();

        assertThat(databases).extracting(Settings::name).containsExactly("shop", "crm");
        DatabaseUrl crm = DatabaseUrl.parse(databases.get(1).databaseUrl(), Map.of());
        assertThat(crm).hasToString("crm at db.example.com:5433");
        assertThat(crm.user()).isEqualTo("u");
        assertThat(databases.get(0).databases()).containsExactly(databases.get(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "ß@:?#%&=+", "\"quoted\"", ".", "..", "-rf", "$(id)", "Größe"})
    void any_legal_name_reaches_the_server_as_it_is(String name) {
        for (String url : List.of(URL, "postgresql://h", "postgres://h/x?", "postgresql://u?x:p@h/d")) {
            Settings one = Settings.read(home, Map.of("DATABASE_URL", url, "BACKUP_DATABASES", name))
                    .databases()
                    .get(0);

            assertThat(DatabaseUrl.parse(one.databaseUrl(), Map.of()).database())
                    .as(url)
                    .isEqualTo(name);
        }
    }

    @ParameterizedTest
    @CsvSource({"'a,b,a', names \"a\" twice", "',', names no database", "'./none', cannot read the folder"})
    void what_names_no_databases_is_refused(String value, String why) {
        assertThatThrownBy(() -> read(value)).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(failure).hasMessageContaining("BACKUP_DATABASES").hasMessageContaining(why);
        });
    }

    @Test
    void an_empty_folder_is_refused_as_nothing_would_be_backed_up() throws IOException {
        Files.createDirectory(home.resolve("db"));

        assertThatThrownBy(() -> read(home.resolve("db").toString())).hasMessageContaining("names no database");
    }

    @Test
    void a_file_of_a_database_goes_before_the_environment_and_that_before_application_properties() throws IOException {
        Files.writeString(
                home.resolve("application.properties"),
                "backup.databases = db/\nbackup.compression = gzip\nbackup.proof = off\nbackup.sftp.host = h\n");
        file(
                "shop",
                "database.url = postgresql://h/shop_live\nbackup.format = plain\nbackup.proof =\nbackup.dir = own");
        file("crm", "pgdump.jobs = 7\nbackup.sftp.folder = crm");

        Map<String, String> environment = new HashMap<>(Map.of(
                "DATABASE_URL",
                URL,
                "BACKUP_FORMAT",
                "custom",
                "BACKUP_SFTP_HOST",
                "env",
                "BACKUP_SFTP_FOLDER",
                "env"));
        List<Settings> databases = Settings.read(home, environment).databases();
        Settings crm = databases.get(0);
        Settings shop = databases.get(1);

        assertThat(databases).extracting(Settings::name).containsExactly("crm", "shop");
        assertThat(shop.databaseUrl()).isEqualTo("postgresql://h/shop_live");
        assertThat(shop.format()).isEqualTo(DumpFormat.PLAIN);
        assertThat(shop.proof()).as("empty is as good as absent").isEqualTo("off");
        assertThat(shop.directory()).isEqualTo(home.resolve("db/own"));
        assertThat(shop.forRoutes()).containsEntry("backup.format", "plain");
        assertThat(crm.format()).isEqualTo(DumpFormat.CUSTOM);
        assertThat(crm.compression()).isEqualTo(Compression.GZIP);
        assertThat(crm.jobs()).isEqualTo(7);
        assertThat(crm.directory()).isEqualTo(home.resolve("backups"));
        assertThat(crm.forRoutes())
                .containsEntry("backup.sftp.folder", "crm")
                .containsEntry("backup.sftp.host", "env")
                .doesNotContainKey("database.url");
        assertThat(DatabaseUrl.parse(crm.databaseUrl(), Map.of()).database())
                .as("without a URL of its own the database of that name")
                .isEqualTo("crm");
    }

    @ParameterizedTest
    @CsvSource({
        "backup.format = tar, BACKUP_FORMAT",
        "backup.timezone = Europe/Olso, BACKUP_TIMEZONE",
        "backup.retention.days = 7, backup.retention.days holds for a whole repository",
        "backup.s3.bucket = b, backup.s3.bucket holds for a whole repository",
        "databse.url = x, databse.url is not a setting",
        "camel.main.name = x, camel.main.name is not a setting",
        "backup.databases = x, backup.databases cannot be one database's own",
        "backup.log.level = debug, backup.log.level cannot be one database's own",
        "backup.format = \\u12, cannot read",
    })
    void what_is_wrong_in_a_file_names_file_and_field(String line, String named) throws IOException {
        file("shop", line);

        Failure failure = catchThrowableOfType(Failure.class, () -> read("db/"));

        assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(failure)
                .hasMessageContaining(home.resolve("db/shop.properties").toString());
        assertThat(failure.getMessage() + failure.hint()).contains(named);
    }

    @Test
    void a_database_with_a_repository_of_its_own_keeps_what_it_likes_there() throws IOException {
        file("shop", "backup.dir = own\nbackup.retention.days = 7");

        assertThat(read("db/").databases().get(0).get(Setting.BACKUP_RETENTION_DAYS))
                .isEqualTo("7");
    }

    @Test
    void databases_reached_at_the_same_hosts_share_a_cluster() throws IOException {
        file("a", "");
        file("b", "database.url = postgresql://other@db.example.com:5433/x");
        file("c", "database.url = postgresql://h/x");
        file("d", "backup.dir = own");

        assertThat(ConfiguredClusters.of(read("db/").databases()))
                .extracting(cluster -> cluster.stream().map(Settings::name).toList())
                .containsExactly(List.of("a", "b"), List.of("c"), List.of("d"));
    }

    @Test
    void a_misspelt_setting_in_a_file_is_found_with_its_file() throws IOException {
        file("shop", "backup.compresion = gzip");
        Settings shop = read("db/").databases().get(0);

        assertThatThrownBy(() -> Spelling.check(shop, List.of()))
                .hasMessage(home.resolve("db/shop.properties") + ": BACKUP_COMPRESION is not a setting");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "größe", "x;y", "$(id)"})
    void the_name_of_a_file_is_checked_before_it_becomes_part_of_a_path(String name) throws IOException {
        file(name, "");

        assertThatThrownBy(() -> read("db/")).hasMessageContaining("not a name for a database");
    }

    @Test
    void a_secret_that_everybody_can_read_is_refused_and_not_shown() throws IOException {
        Path file = file("shop", "database.url = " + URL);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> read("db/")).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure)
                    .hasMessage(file + ": it holds database.url, and every user of this machine can read it");
            assertThat(failure.hint()).isEqualTo("chmod 600 " + file);
        });
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(read("db/").databases()).hasSize(1);
    }

    /** The folder is given as a path below home. */
    private Settings read(String databases) {
        String value = databases.equals("db/") ? home.resolve("db") + "/" : databases;
        return Settings.read(home, Map.of("DATABASE_URL", URL, "BACKUP_DATABASES", value));
    }

    private Path file(String name, String content) throws IOException {
        Path folder = Files.createDirectories(home.resolve("db"));
        Path file = Files.writeString(folder.resolve(name + ".properties"), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
