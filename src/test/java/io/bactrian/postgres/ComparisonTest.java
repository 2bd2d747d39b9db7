package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.postgres.Comparison.Difference;
import io.bactrian.postgres.Comparison.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final TableName ORDERS = new TableName("sales", "orders");
    private static final TableName ODD = new TableName("sales", "Odd %s");
    private static final TableName LOST = new TableName("sales", "lost");
    private static final TableName NEW = new TableName("sales", "new");

    @Test
    void equal_proofs_match() {
        Comparison comparison = counts(rows(ORDERS, 3), rows(ODD, 4)).compare(counts(rows(ODD, 4), rows(ORDERS, 3)));

        assertThat(comparison.matches()).isTrue();
        assertThat(comparison.equal()).containsExactly(ODD, ORDERS);
        assertThat(comparison.text()).isEqualTo("2 of 2 tables as in the proof, 7 rows" + System.lineSeparator());
    }

    @Test
    void missing_extra_and_changed_tables_are_told_apart() {
        Comparison comparison = counts(rows(ORDERS, 3), rows(ODD, 4), rows(LOST, 5))
                .compare(counts(rows(ORDERS, 3), rows(ODD, 2), rows(NEW, 1)));

        assertThat(comparison.equal()).containsExactly(ORDERS);
        assertThat(comparison.differences())
                .containsExactly(
                        new Difference(Kind.ROWS, ODD, 4L, 2L),
                        new Difference(Kind.MISSING, LOST, 5L, null),
                        new Difference(Kind.EXTRA, NEW, null, 1L));
        assertThat(comparison.text().lines().map(String::strip))
                .containsExactly(
                        "table             rows expected    rows restored",
                        "sales.\"Odd %s\"                4                2  row count differs",
                        "sales.lost                    5                -  missing",
                        "sales.new                     -                1  not in the proof",
                        "1 of 4 tables as in the proof, 3 rows");
    }

    @Test
    void content_is_compared_where_both_have_it() {
        Proof expected = new Proof(Proof.Level.CONTENT, List.of(new Proof.Table(ORDERS, 3, "17")));
        Proof changed = new Proof(Proof.Level.CONTENT, List.of(new Proof.Table(ORDERS, 3, "18")));

        assertThat(expected.compare(changed).differences())
                .containsExactly(new Difference(Kind.CONTENT, ORDERS, 3L, 3L));
        assertThat(expected.compare(counts(rows(ORDERS, 3))).matches()).isTrue();
    }

    @Test
    void a_restore_of_some_tables_is_compared_with_their_part_of_the_proof() {
        Proof whole = counts(rows(ORDERS, 3), rows(ODD, 4));

        assertThat(whole.of(List.of(ODD)).compare(counts(rows(ODD, 4))).matches())
                .isTrue();
    }

    @Test
    void a_table_that_the_proof_leaves_out_is_no_difference() {
        Proof proof = new Proof(
                Proof.Level.COUNTS,
                List.of(rows(ORDERS, 3)),
                List.of(new Proof.LeftOut(ODD, Proof.Reason.LOCKED), new Proof.LeftOut(LOST, Proof.Reason.CHANGED)));

        assertThat(proof.compare(counts(rows(ORDERS, 3), rows(ODD, 4))).matches())
                .isTrue();
        assertThat(proof.of(List.of(ODD)).leftOut()).hasSize(1);
    }

    private static Proof counts(Proof.Table... tables) {
        return new Proof(Proof.Level.COUNTS, List.of(tables));
    }

    private static Proof.Table rows(TableName table, long rows) {
        return new Proof.Table(table, rows, null);
    }
}
