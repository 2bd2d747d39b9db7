package io.bactrian.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NameListTest {
    @Test
    void names_are_separated_by_commas_and_blanks() {
        assertThat(NameList.parse("public,  \"$user\" ,app")).containsExactly("public", "$user", "app");
    }

    @Test
    void quoted_names_keep_commas_blanks_and_doubled_quotes() {
        assertThat(NameList.parse("\"a, b\", \"Qu\"\"o\"")).containsExactly("a, b", "Qu\"o");
    }

    @Test
    void an_empty_list_is_one_empty_name() {
        assertThat(NameList.parse("")).containsExactly("");
        assertThat(NameList.parse("\"\"")).containsExactly("");
    }
}
