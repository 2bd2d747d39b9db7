package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamePatternTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "orders, sales, orders",
                "ORDERS, sales, orders",
                "sales.orders, sales, orders",
                "sales.*, sales, anything at all",
                "*.orders, sales, orders",
                "order?, sales, orders",
                "s*.o*s, sales, orders",
                "\"Odd Name\", sales, Odd Name",
                "sales.\"Odd Name\", sales, Odd Name",
                "\"S.p\".\"a\"\"b\", S.p, a\"b",
                "\"$(x) [\\]\", sales, $(x) [\\]",
                "a[b], sales, a[b]",
                "ødd, sales, ødd",
                "🐫s, sales, 🐫s",
                "\"O\"dd*, sales, Odd Name",
            })
    void a_pattern_matches_as_in_psql(String pattern, String schema, String name) {
        assertThat(NamePattern.parse(pattern).matches(new TableName(schema, name)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "orders, sales, Orders",
                "\"Orders\", sales, orders",
                "orders, sales, orders_2024",
                "public.orders, sales, orders",
                "\"order*\", sales, orders",
                "order?, sales, order",
                "a.c, sales, abc",
            })
    void a_pattern_matches_nothing_more(String pattern, String schema, String name) {
        assertThat(NamePattern.parse(pattern).matches(new TableName(schema, name)))
                .isFalse();
    }

    @Test
    void names_may_hold_line_breaks() {
        assertThat(NamePattern.parse("*").matches(new TableName("a\nb", "c\nd")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"open", "a.b.c", ".orders", "sales.", "\"\""})
    void a_pattern_that_cannot_be_read_is_refused(String pattern) {
        assertThatThrownBy(() -> NamePattern.parse(pattern)).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(failure.hint()).contains("sales.*");
        });
    }

    @Test
    void the_closest_names_come_first() {
        List<TableName> tables = List.of(
                new TableName("public", "customers"),
                new TableName("sales", "Orders"),
                new TableName("sales", "order_items"));

        assertThat(NamePattern.parse("sales.ordres").closest(tables).get(0))
                .isEqualTo(new TableName("sales", "Orders"));
    }
}
