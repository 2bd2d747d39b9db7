package io.bactrian.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Origin;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatestBackupTest {
    private static final Origin OLD_SHOP = origin(1, "shop", null);
    private static final Origin SHOP = origin(2, "shop", null);
    private static final Origin CRM = origin(3, "crm", null);
    private static final Origin EU = origin(4, "shop", "eu");
    private static final Origin UNREADABLE = origin(5, null, null);

    @TempDir
    private Path home;

    @Test
    void of_one_database_the_newest_is_meant() {
        assertThat(choose(null, settings(), SHOP, OLD_SHOP)).isEqualTo(SHOP.id());
        assertThat(choose(null, settings())).isNull();
    }

    @Test
    void of_several_nobody_guesses() {
        Failure failure = catchThrowableOfType(
                Failure.class, () -> choose(null, settings("DATABASE_URL", "postgresql://h/other"), SHOP, CRM, EU));

        assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(failure).hasMessage("there are backups of several databases here: crm, eu, shop");
        assertThat(failure.hint()).contains("--database NAME");
    }

    @Test
    void a_name_says_whose() {
        assertThat(choose("shop", settings(), OLD_SHOP, SHOP, CRM, EU)).isEqualTo(SHOP.id());
        assertThat(choose("eu", settings(), OLD_SHOP, SHOP, CRM, EU)).isEqualTo(EU.id());
    }

    @Test
    void otherwise_it_is_the_one_that_this_configuration_backs_up() {
        Settings shop = settings("DATABASE_URL", "postgresql://h/shop");
        Settings several = settings("DATABASE_URL", "postgresql://h/x", "BACKUP_DATABASES", "crm,shop");

        assertThat(choose(null, shop, SHOP, CRM)).isEqualTo(SHOP.id());
        assertThat(choose(null, several.databases().get(0), SHOP, CRM, EU)).isEqualTo(CRM.id());
    }

    @Test
    void one_that_was_never_backed_up_is_told() {
        Failure failure = catchThrowableOfType(Failure.class, () -> choose("hr", settings(), SHOP, CRM));

        assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION);
        assertThat(failure).hasMessage("there is no backup of hr here");
        assertThat(failure.hint()).contains("crm, shop");
    }

    @Test
    void a_newest_one_that_cannot_be_read_is_not_passed_over() {
        assertThat(choose("shop", settings(), SHOP, CRM, UNREADABLE)).isEqualTo(UNREADABLE.id());
    }

    private Settings settings(String... pairs) {
        Map<String, String> environment = new java.util.HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            environment.put(pairs[i], pairs[i + 1]);
        }
        return Settings.read(home, environment);
    }

    /** The one whose files stay in the listing; null if none does. */
    private static BackupId choose(String named, Settings settings, Origin... origins) {
        LatestBackup latest = new LatestBackup(settings);
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setProperty(LatestBackup.DATABASE, named);
        exchange.getMessage()
                .setBody(Arrays.stream(origins)
                        .flatMap(origin -> List.of("database.dump", "manifest.json").stream()
                                .map(name -> "full/" + origin.id() + "/" + name))
                        .toList());
        latest.manifests(exchange);
        List<?> manifests = exchange.getMessage().getBody(List.class);
        assertThat(manifests).hasSize(origins.length);
        exchange.getMessage().setBody(List.of(origins));
        latest.choose(exchange);
        List<?> left = exchange.getMessage().getBody(List.class);
        return left.isEmpty()
                ? null
                : io.bactrian.repository.Layout.backupOf(left.get(1).toString()).orElseThrow();
    }

    private static Origin origin(int day, String database, String name) {
        return new Origin(
                BackupId.parse("full_2025-01-0" + day + "T02-00-00-000Z").orElseThrow(),
                database,
                "7000",
                null,
                name == null ? Map.of() : Map.of(Origin.NAME, name));
    }
}
