package io.bactrian.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FindBackupTest {
    private static final String FIRST = "full_2025-01-01T02-00-00-000Z";
    private static final String SECOND = "full_2025-01-02T02-00-00-000Z";
    private static final String KILLED = "full_2025-01-03T02-00-00-000Z";
    private static final String BASE = "base_2025-01-02T02-00-01-000Z";
    private static final String INCREMENTAL = "incremental_2025-01-02T02-00-02-000Z";
    private static final String OF_ANOTHER_CLUSTER = "incremental_2025-01-02T03-00-00-000Z";
    private static final List<String> LISTING = List.of(
            "full/" + SECOND + "/manifest.json",
            "full/" + SECOND + "/manifest.json.sha256",
            "full/" + FIRST + "/manifest.json",
            "full/" + FIRST + "/manifest.json.sig",
            "full/" + KILLED + "/database.dump",
            "full/" + KILLED + "/deeper/manifest.json",
            "full/notes/manifest.json",
            "full/" + KILLED + ".sql.gz",
            "base/7000/" + BASE + "/manifest.json",
            "base/7000/" + BASE + "/manifest.json.sig",
            "base/" + BASE + "/manifest.json",
            "base/7000/deeper/" + BASE + "/manifest.json",
            "incremental/7000/" + BASE + "/manifest.json",
            "incremental/7000/" + INCREMENTAL + "/manifest.json",
            "incremental/8000/" + OF_ANOTHER_CLUSTER + "/manifest.json",
            "wal/7000/" + BASE + "/000000010000000000000001.zst.pgp");

    @ParameterizedTest
    @CsvSource({
        "latest, " + SECOND,
        FIRST + ", " + FIRST,
        "full_2025-01-01, " + FIRST,
        "full_2025-01-02T, " + SECOND,
        BASE + ", " + BASE,
        "base_, " + BASE,
        "incremental_2025-01-02T02, " + INCREMENTAL,
        "incremental_2025-01-02T03, " + OF_ANOTHER_CLUSTER,
    })
    void an_id_its_beginning_or_latest_is_found(String wanted, String found) {
        assertThat(choose(wanted, LISTING).id()).hasToString(found);
    }

    @Test
    void bases_and_incrementals_lie_below_their_cluster() {
        assertThat(choose(BASE, LISTING).folder()).isEqualTo("base/7000/" + BASE);
        assertThat(choose(INCREMENTAL, LISTING).folder()).isEqualTo("incremental/7000/" + INCREMENTAL);
    }

    @Test
    void what_vouches_for_a_manifest_is_seen_in_the_listing() {
        assertThat(choose(FIRST, LISTING).vouchedBy()).isEqualTo("manifest.json.sig");
        assertThat(choose(SECOND, LISTING).vouchedBy()).isEqualTo("manifest.json.sha256");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "../../etc",
                "--replace",
                "$(id)",
                "full_../x",
                "full",
                "wal_2025",
                "base",
                "incremental/7000",
                "Latest",
                "full_2025\n",
                "full_2025;id",
                "*"
            })
    void what_is_no_id_is_wrong_usage_and_not_repeated(String wanted) {
        Failure failure = refused(wanted, LISTING);

        assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(failure).hasMessage("that is not the id of a backup");
    }

    @Test
    void an_ambiguous_beginning_lists_what_it_could_mean() {
        Failure failure = refused("full_2025", LISTING);

        assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(failure)
                .hasMessageContaining("2 backups")
                .hasMessageContaining(FIRST)
                .hasMessageContaining(SECOND);
    }

    @Test
    void a_backup_without_manifest_does_not_exist() {
        assertThat(refused(KILLED, LISTING).exitCode()).isEqualTo(ExitCode.PRECONDITION);
        assertThat(refused("latest", List.of("full/" + KILLED + "/database.dump")))
                .hasMessage("there is no backup here");
        assertThat(refused("base_2025", List.of())).hasMessage("there is no backup base_2025");
    }

    private static Failure refused(String wanted, List<String> listing) {
        return catchThrowableOfType(Failure.class, () -> choose(wanted, listing));
    }

    private static Reading choose(String wanted, List<String> listing) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        Reading asked = Reading.of(wanted, Reading.READ);
        asked.on(exchange);
        exchange.getMessage()
                .setBody(listing.stream()
                        .filter(path -> path.startsWith(asked.kindFolder() + "/"))
                        .toList());
        new FindBackup(new AskSources(), new StoreCache(null)).choose(exchange);
        return Reading.of(exchange);
    }
}
