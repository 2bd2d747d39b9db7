package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.postgres.Comparison;
import io.bactrian.postgres.Proof;
import io.bactrian.postgres.Server;
import io.bactrian.repository.Manifest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code compare} step: the restored database holds exactly the rows that the backup's snapshot held, or it is no restore. */
final class CompareProof implements Processor {
    @Override
    public void process(Exchange exchange) {
        Restore restore = Restore.of(exchange);
        Optional<Proof> recorded =
                Optional.ofNullable(Reading.of(exchange)).map(Reading::manifest).map(Manifest::proof);
        if (!restore.options().compare()) {
            return;
        }
        if (recorded.isEmpty()) {
            restore.reporting(List.of("Not compared: this dump carries no proof."))
                    .on(exchange);
            return;
        }
        Proof expected = restore.selected()
                .map(selection -> recorded.get().of(selection.tables()))
                .orElse(recorded.get());
        Comparison comparison;
        try (Connection connection = restore.server().connect(restore.database())) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            Proof found = Proof.take(connection, expected.level());
            comparison = expected.compare(
                    restore.selected().map(s -> found.of(s.tables())).orElse(found));
        } catch (SQLException e) {
            throw Server.explain(e, "count the restored rows");
        }
        if (!comparison.matches()) {
            throw Failure.integrity(
                    "the restored database differs from the one that was backed up:\n" + comparison.text(),
                    "Nothing was replaced. Restore another backup, and report this: it should not be possible.");
        }
        restore.reporting(List.of(comparison.text())).on(exchange);
    }
}
