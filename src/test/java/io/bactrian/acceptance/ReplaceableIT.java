package io.bactrian.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.RouteEdit;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The route decides, not a bean behind it: editing the YAML changes exactly what happens. */
@ExtendWith(Postgres.Shared.class)
class ReplaceableIT {
    private static final String DATABASE = "replaceable";
    private static final String PACK = "pack.camel.yaml";

    @TempDir
    private Path folder;

    private Path repository;
    private Program program;
    private Program restoring;
    private RouteEdit edit;

    @BeforeEach
    void install_a_copy_whose_routes_can_be_edited(Postgres postgres) throws Exception {
        if (!postgres.exists(DATABASE)) {
            postgres.createDatabase(DATABASE);
            postgres.sql(DATABASE, "CREATE TABLE hump AS SELECT i, md5(i::text) AS t FROM generate_series(1, 3000) i");
        }
        repository = folder.resolve("repository");
        Path installation = folder.resolve("installation");
        program = Program.of(repository, postgres.backupUrl(DATABASE)).installedIn(installation);
        restoring = Program.of(repository, postgres.adminUrl("postgres"));
        edit = new RouteEdit(installation.resolve("routes"));
    }

    @Test
    void without_the_step_encrypt_artifacts_are_readable_without_a_key(Postgres postgres) throws Exception {
        edit.drop(PACK, "encrypt");

        Stored backup = back_up();

        assertThat(backup.artifacts()).allSatisfy(artifact -> {
            assertThat(artifact.get("encryption").asText()).isEqualTo("none");
            assertThat(artifact.has("sessionKey")).isFalse();
        });
        JsonNode dump = backup.artifact("dump");
        assertThat(dump.get("name").asText()).isEqualTo("database.dump.zst");
        assertThat(new Shell(backup.folder(), Map.of())
                        .run(dump.get("open").asText() + " | head -c 5")
                        .out())
                .isEqualTo("PGDMP");
        assert_that_it_restores(postgres);
    }

    @Test
    void compress_can_be_exchanged_for_a_data_format_of_camel(Postgres postgres) throws Exception {
        edit.exchange(PACK, "compress", """
                - marshal:
                    id: compress
                    description: Camel's own
                    gzipDeflater: {}
                """);

        Stored backup = back_up();

        JsonNode dump = backup.artifact("dump");
        assertThat(dump.get("compression").asText()).isEqualTo("gzip");
        assertThat(dump.get("name").asText()).isEqualTo("database.dump.gz.pgp");
        assertThat(dump.get("open").asText()).endsWith(" | gunzip -c");
        assertThat(dump.get("bytes").asLong()).isLessThan(dump.get("plainBytes").asLong());
        assert_that_it_restores(postgres);
    }

    @Test
    void a_second_sink_after_the_store_gets_the_same_bytes(Postgres postgres) throws Exception {
        Path copies = folder.resolve("copies");
        edit.add(PACK, "pack-store", """
                - to:
                    id: pack-copy
                    description: A second sink
                    uri: file
                    parameters:
                      directoryName: %s
                """.formatted(copies));

        Stored backup = back_up();

        for (JsonNode artifact : backup.artifacts()) {
            Path stored = backup.file(artifact);
            assertThat(copies.resolve(repository.relativize(stored))).hasSameBinaryContentAs(stored);
        }
        assert_that_it_restores(postgres);
    }

    @Test
    void without_the_step_prove_a_backup_has_no_proof_and_its_restore_says_so(Postgres postgres) throws Exception {
        edit.drop("dump.camel.yaml", "prove");

        Stored backup = back_up();

        assertThat(backup.manifest().has("proof")).isFalse();
        assertThat(assert_that_it_restores(postgres).out()).contains("Not compared: this dump carries no proof.");
    }

    @Test
    void without_the_step_digest_no_backup_is_made() throws Exception {
        edit.drop(PACK, "digest");
        assert_that_it_is_refused("without a digest", "`digest`");
    }

    @Test
    void without_the_step_sign_no_backup_is_made() throws Exception {
        edit.drop("record.camel.yaml", "sign");
        assert_that_it_is_refused("did not sign the manifest", "`sign`");
    }

    @Test
    void a_broken_route_stops_the_program_with_file_line_and_hint() throws Exception {
        edit.replace("globals.camel.yaml", "ref: artifact", "ref: artifcat");

        Program.Outcome refused = program.run("full");

        assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(2);
        assertThat(refused.message())
                .containsPattern("Error: \\S+/routes/globals.camel.yaml:\\d+: there is no bean \"artifcat\"")
                .contains("Hint: Did you mean artifact?");
        assertThat(refused.err()).doesNotContain("\tat ");
        assertThat(repository).doesNotExist();
    }

    private Stored back_up() throws Exception {
        Program.Outcome full = program.run("full");
        assertThat(full.exitCode()).as(full.toString()).isZero();
        return Stored.in(repository, full.backupId());
    }

    private Program.Outcome assert_that_it_restores(Postgres postgres) throws Exception {
        Program.Outcome restored = restoring.run("restore", "latest", DATABASE + "_restored", "--replace");
        assertThat(restored.exitCode()).as(restored.toString()).isZero();
        assertThat(postgres.dump(DATABASE + "_restored")).isEqualTo(postgres.dump(DATABASE));
        return restored;
    }

    private void assert_that_it_is_refused(String why, String hint) throws Exception {
        Program.Outcome refused = program.run("full");
        assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(2);
        assertThat(refused.message()).contains(why).containsPattern("Hint: .*" + hint);
        assertThat(refused.err()).doesNotContain("\tat ");
        assertThat(Stored.leftovers(repository)).isEmpty();
    }
}
