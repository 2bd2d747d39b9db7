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
    private static final List<String> LISTING = List.of(
            "full/" + SECOND + "/manifest.json",
            "full/" + SECOND + "/manifest.json.sha256",
            "full/" + FIRST + "/manifest.json",
            "full/" + FIRST + "/manifest.json.sig",
            "full/" + KILLED + "/database.dump",
            "full/" + KILLED + "/deeper/manifest.json",
            "full/notes/manifest.json",
            "full/" + KILLED + ".sql.gz");

    @ParameterizedTest
    @CsvSource({
        "latest, " + SECOND,
        FIRST + ", " + FIRST,
        "full_2025-01-01, " + FIRST,
        "full_2025-01-02T, " + SECOND,
    })
    void an_id_its_beginning_or_latest_is_found(String wanted, String found) {
        assertThat(choose(wanted, LISTING).id()).hasToString(found);
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
    }

    private static Failure refused(String wanted, List<String> listing) {
        return catchThrowableOfType(Failure.class, () -> choose(wanted, listing));
    }

    private static Reading choose(String wanted, List<String> listing) {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        Reading.of(wanted, Reading.READ).on(exchange);
        exchange.getMessage().setBody(listing);
        new FindBackup().choose(exchange);
        return Reading.of(exchange);
    }
}
