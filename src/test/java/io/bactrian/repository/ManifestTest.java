package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bactrian.crypto.Encryption;
import io.bactrian.postgres.Lsn;
import io.bactrian.stream.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples ({@code manifest-v1.json} and others) pin the format: a later version that cannot read or write it breaks repositories out there. */
class ManifestTest {
    private final ObjectMapper json = Json.mapper();

    @Test
    void the_example_is_read_with_every_member() throws IOException {
        Manifest manifest = json.readValue(example(), Manifest.class);

        assertThat(manifest.format()).isEqualTo(Manifest.FORMAT);
        assertThat(manifest.id()).hasToString("full_2025-01-01T02-00-00-123Z");
        assertThat(manifest.started()).isEqualTo(Instant.parse("2025-01-01T02:00:00.123Z"));
        assertThat(manifest.database()).isEqualTo("Größe \"x\"");
        assertThat(manifest.objects()).isEqualTo(42);
        assertThat(manifest.proof().tables()).singleElement().satisfies(table -> {
            assertThat(table.table()).hasToString("public.customer");
            assertThat(table.rows()).isEqualTo(5000);
        });
        assertThat(manifest.artifacts())
                .satisfiesExactly(
                        dump -> {
                            assertThat(dump.isDump()).isTrue();
                            assertThat(dump.encryptedWith()).isEqualTo(Encryption.OPENPGP);
                            assertThat(dump.compressedWith()).isEqualTo(Compression.ZSTD);
                            assertThat(dump.sessionKey().bytes()).isEqualTo(96);
                        },
                        globals -> {
                            assertThat(globals.isDump()).isFalse();
                            assertThat(globals.hmac()).hasSize(64);
                            assertThat(globals.sessionKey()).isNull();
                        });
        assertThat(manifest.storedBytes()).as("session keys included").isEqualTo(164395745 + 96 + 512);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/manifest-v1.json", "/base-v1.json", "/incremental-v1.json"})
    void what_is_written_is_the_example_to_the_letter(String file) throws IOException {
        Manifest manifest = json.readValue(example(file), Manifest.class);

        assertThat(json.writerWithDefaultPrettyPrinter().writeValueAsString(manifest) + "\n")
                .isEqualTo(example(file));
    }

    @Test
    void the_example_of_a_base_says_where_it_begins_and_ends() throws IOException {
        Manifest base = json.readValue(example("/base-v1.json"), Manifest.class);

        assertThat(ChainCheck.fault(base)).isEmpty();
        assertThat(Layout.folder(base)).isEqualTo("base/7564738291029384756/base_2025-01-01T02-00-40-000Z");
        assertThat(base.physical().chain()).isEqualTo(base.id());
        assertThat(base.physical().start()).isEqualTo(Lsn.of("0/4000028"));
        assertThat(base.physical().endTime()).isEqualTo(Instant.parse("2025-01-01T02:01:10.500Z"));
        assertThat(base.artifacts())
                .extracting(Artifact::content)
                .containsExactly(Artifact.BASE, Artifact.TABLESPACE, Artifact.BASE_MANIFEST, Artifact.CONFIGURATION);
    }

    @Test
    void the_example_of_an_incremental_is_a_piece_of_the_log() throws IOException {
        Manifest incremental = json.readValue(example("/incremental-v1.json"), Manifest.class);

        assertThat(ChainCheck.fault(incremental)).isEmpty();
        assertThat(incremental.wal().follows()).hasToString("incremental_2025-01-01T02-01-11-000Z");
        assertThat(incremental.wal().cut().time()).isEqualTo(Instant.parse("2025-01-01T06:00:00.250Z"));
        assertThat(Layout.folder(incremental, incremental.artifacts().get(0)))
                .isEqualTo("wal/7564738291029384756/base_2025-01-01T02-00-40-000Z");
    }

    @Test
    void members_of_later_versions_are_passed_over_and_a_cut_or_doubled_document_is_not() throws IOException {
        String later = example().replaceFirst("\\{", "{ \"mood\" : \"sunny\",");
        assertThat(json.readValue(later, Manifest.class)).isEqualTo(json.readValue(example(), Manifest.class));

        assertThatThrownBy(() -> json.readValue(example() + "{}", Manifest.class))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> json.readValue(example().substring(0, 500), Manifest.class))
                .isInstanceOf(IOException.class);
    }

    @Test
    void an_id_that_is_none_is_refused() {
        assertThatThrownBy(() ->
                        json.readValue(example().replace("full_2025-01-01T02-00-00-123Z", "../../etc"), Manifest.class))
                .isInstanceOf(JsonMappingException.class);
    }

    private static String example() throws IOException {
        return example("/manifest-v1.json");
    }

    private static String example(String file) throws IOException {
        try (InputStream example = ManifestTest.class.getResourceAsStream(file)) {
            return new String(example.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
