package io.bactrian.postgres;

import io.bactrian.postgres.Proof.LeftOut;
import io.bactrian.postgres.Proof.Reason;
import io.bactrian.postgres.ProofTaking.Source;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A proof that is taken while pg_dump works in the same snapshot. Its locks come after those of pg_dump and never wait: a proof
 * that held a table first would let a TRUNCATE queue behind it, pg_dump behind that, and every other query behind both. A table
 * that it cannot have at once, or not as it was in the snapshot, is left out.
 */
public final class ProofBesideDump {
    /** Class 55P03 is {@code NOWAIT} and {@code lock_timeout}, the others mean that a name is no longer what it was. */
    private static final Map<String, Reason> LEAVES_OUT =
            Map.of("55P03", Reason.LOCKED, "42P01", Reason.CHANGED, "3F000", Reason.CHANGED, "42703", Reason.CHANGED);

    private final Connection connection;
    private final ProofTaking taking;
    private final Set<TableName> locked = new HashSet<>();
    private final List<LeftOut> leftOut = new ArrayList<>();

    private ProofBesideDump(Connection connection, ProofTaking taking) {
        this.connection = connection;
        this.taking = taking;
    }

    /**
     * Locks what is to be counted, until the transaction ends. pg_dump must have its locks by now, and still have them.
     *
     * @param inSnapshot in a REPEATABLE READ transaction
     */
    public static ProofBesideDump lock(Connection inSnapshot, Proof.Level level) throws SQLException {
        ProofBesideDump proof = new ProofBesideDump(inSnapshot, new ProofTaking(inSnapshot, level));
        proof.lock(proof.taking.sources());
        return proof;
    }

    /** Reads every locked table once, one after the other. */
    public Proof take() throws SQLException {
        List<Proof.Table> tables = new ArrayList<>();
        for (Source source : taking.sources()) { // asked once more, since what is locked can no longer change
            if (locked.contains(source.table())) {
                count(source).ifPresent(tables::add);
            }
        }
        leftOut.sort(Comparator.comparing(LeftOut::table));
        return new Proof(taking.level(), tables, leftOut);
    }

    /** All in one statement; where that is refused, each half on its own, until the tables are found that are not to be had. */
    private void lock(List<Source> sources) throws SQLException {
        if (sources.isEmpty()) {
            return;
        }
        String tables =
                sources.stream().map(source -> "ONLY " + source.quoted()).collect(Collectors.joining(", "));
        Optional<Reason> refused =
                refusal(() -> Sql.execute(connection, "LOCK TABLE " + tables + " IN ACCESS SHARE MODE NOWAIT"));
        if (refused.isEmpty()) {
            sources.forEach(source -> locked.add(source.table()));
        } else if (sources.size() == 1) {
            leftOut.add(new LeftOut(sources.get(0).table(), refused.get()));
        } else {
            int half = sources.size() / 2;
            lock(sources.subList(0, half));
            lock(sources.subList(half, sources.size()));
        }
    }

    private Optional<Proof.Table> count(Source source) throws SQLException {
        List<Proof.Table> counted = new ArrayList<>();
        Optional<Reason> refused =
                source.changed() ? Optional.of(Reason.CHANGED) : refusal(() -> counted.add(taking.read(source)));
        refused.ifPresent(reason -> leftOut.add(new LeftOut(source.table(), reason)));
        return counted.stream().findFirst();
    }

    /** Why the server refused, if it did; the transaction, and with it the snapshot, goes on. */
    private Optional<Reason> refusal(Attempt attempt) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            attempt.run();
            connection.releaseSavepoint(before);
            return Optional.empty();
        } catch (SQLException e) {
            Reason reason = LEAVES_OUT.get(e.getSQLState());
            if (reason == null) {
                throw e;
            }
            connection.rollback(before);
            return Optional.of(reason);
        }
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws SQLException;
    }
}
