package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.postgres.Comparison;
import io.bactrian.postgres.Proof;
import io.bactrian.postgres.Server;
import io.bactrian.repository.Manifest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The {@code compare} step: the restored database holds exactly the rows that the backup's snapshot held, or it is no restore. */
final class CompareProof implements Processor {
    private static final int SHOWN = 40;

    @Override
    public void process(Exchange exchange) {
        Restore restore = Restore.of(exchange);
        Optional<Proof> recorded = Optional.ofNullable(restore.expected())
                .or(() -> Optional.ofNullable(Reading.of(exchange))
                        .map(Reading::manifest)
                        .map(Manifest::proof));
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
        Comparison comparison = expected.compare(count(restore, expected));
        if (comparison.matches()) {
            String heading = restore.expected() == null
                    ? "Rows, as in the proof of the backup:"
                    : "Rows, as counted in the recovered database:";
            restore.reporting(table(heading, expected, comparison)).on(exchange);
        } else if (restore.intoExisting()) {
            restore.reporting(List.of(
                            "Restored, but clients may have written since: not as in the proof.", comparison.text()))
                    .on(exchange);
        } else {
            throw Failure.integrity(
                    "the restored database differs from the one that was backed up:\n" + comparison.text(),
                    "Nothing was replaced. Restore another backup, and report this: it should not be possible.");
        }
    }

    private static Proof count(Restore restore, Proof expected) {
        try (Connection connection = restore.server().connect(restore.database())) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            return restore.selected().isPresent()
                    ? Proof.take(
                            connection,
                            expected.level(),
                            restore.selected().get().tables())
                    : Proof.take(connection, expected.level());
        } catch (SQLException e) {
            throw Server.explain(e, "count the restored rows");
        }
    }

    private static List<String> table(String heading, Proof proof, Comparison comparison) {
        List<String> lines = new ArrayList<>();
        lines.add(heading);
        proof.tables().stream()
                .limit(SHOWN)
                .forEach(table -> lines.add("  %15d  %s".formatted(table.rows(), table.table())));
        if (proof.tables().size() > SHOWN) {
            lines.add("  … and " + (proof.tables().size() - SHOWN) + " tables more");
        }
        lines.add(comparison.text().strip());
        proof.leftOut().forEach(left -> lines.add("Not compared, since the proof leaves it out: " + left.table()));
        return lines;
    }
}
