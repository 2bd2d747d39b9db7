package io.bactrian.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/**
 * Fingerprint of a database's content: what every table held in one snapshot. Counted are ordinary tables and each partition
 * on its own, but not foreign and temporary tables, tables of extensions, materialized views and sequences.
 *
 * @param leftOut tables that could not be counted without disturbing others, or not in the state that the dump has
 */
public record Proof(
        Level level,
        List<Table> tables,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<LeftOut> leftOut) {
    public enum Level {
        /** The number of rows. */
        @JsonProperty("counts")
        COUNTS,
        /** The number of rows and a hash of their content. */
        @JsonProperty("content")
        CONTENT
    }

    /**
     * One table's share.
     *
     * @param content null at level {@code counts}; otherwise the sum over all rows of
     *     {@code hashtextextended(ROW(columns in order of name)::text COLLATE "C", 0)} as a decimal number: equal for equal rows in
     *     any order, and stable across server versions, since hash partitions depend on it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Table(@JsonUnwrapped TableName table, long rows, String content) {}

    /** A table of which nothing is known. */
    public record LeftOut(@JsonUnwrapped TableName table, Reason reason) {}

    public enum Reason {
        /** Somebody held it, or waited for it, for themselves alone. */
        @JsonProperty("locked")
        LOCKED,
        /** Emptied, rewritten, renamed or dropped after the snapshot, which none of these respects. */
        @JsonProperty("changed")
        CHANGED
    }

    public Proof {
        tables = List.copyOf(tables);
        leftOut = leftOut == null ? List.of() : List.copyOf(leftOut);
    }

    public Proof(Level level, List<Table> tables) {
        this(level, tables, List.of());
    }

    /**
     * Reads every table once, one after the other, under the transaction's snapshot. Changes settings for this transaction only;
     * the caller's {@code lock_timeout} and {@code statement_timeout} stay in force.
     *
     * @param inSnapshot in a REPEATABLE READ transaction
     */
    public static Proof take(Connection inSnapshot, Level level) throws SQLException {
        return new ProofTaking(inSnapshot, level).take(table -> true);
    }

    /** As {@link #take(Connection, Level)}, of these tables alone. */
    public static Proof take(Connection inSnapshot, Level level, Collection<TableName> only) throws SQLException {
        return new ProofTaking(inSnapshot, level).take(only::contains);
    }

    /** The part of it that is about these tables: what a restore of tables alone is compared with. */
    public Proof of(Collection<TableName> wanted) {
        return new Proof(
                level,
                tables.stream().filter(table -> wanted.contains(table.table())).toList(),
                leftOut.stream().filter(left -> wanted.contains(left.table())).toList());
    }

    /** This proof is what is expected; {@code restored} is what was found. */
    public Comparison compare(Proof restored) {
        return Comparison.of(this, restored);
    }
}
