package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WalContentsTest {
    private final SampleChain chain = SampleChain.begunAt(0);
    private final Manifest first = chain.incremental(1, null, 1, 3, 5);
    private final Manifest second = chain.incremental(2, first, 1, 6, 7);

    private List<String> stored() {
        return new ArrayList<>(Stream.of(first, second)
                .flatMap(manifest -> manifest.artifacts().stream()
                        .flatMap(artifact ->
                                Stream.of(path(manifest, artifact.name()), path(manifest, artifact.name() + ".key"))))
                .sorted()
                .toList());
    }

    private static String path(Manifest manifest, String name) {
        return WalContents.folder(manifest) + "/" + name;
    }

    private WalContents contents(List<String> paths) {
        return WalContents.of(paths, List.of(second, first));
    }

    @Test
    void what_is_all_there_lacks_nothing_and_has_nothing_else() {
        assertThat(contents(stored())).isEqualTo(new WalContents(java.util.Set.of(), Map.of()));
    }

    @Test
    void an_incremental_of_which_a_segment_is_missing_is_incomplete_and_no_other_is() {
        for (Manifest manifest : List.of(first, second)) {
            for (Artifact artifact : manifest.artifacts()) {
                List<String> paths = stored();
                paths.remove(path(manifest, artifact.name()));
                WalContents contents = contents(paths);
                assertThat(contents.incomplete()).containsExactly(Layout.folder(manifest));
                assertThat(contents.unlisted()).as("the key that is left").isEmpty();
            }
        }
    }

    @Test
    void a_folder_that_is_gone_is_missing_in_all() {
        assertThat(contents(List.of()).incomplete())
                .containsExactlyInAnyOrder(Layout.folder(first), Layout.folder(second));
    }

    @Test
    void what_no_manifest_lists_is_named() {
        List<String> paths = stored();
        List<String> others = List.of("00000001000000000000000F.zst.pgp", "A", "zz.key");
        others.forEach(name -> paths.add(path(first, name)));
        paths.sort(null);
        assertThat(contents(paths).unlisted().get(WalContents.folder(first))).containsExactlyElementsOf(others);
        assertThat(contents(paths).incomplete()).isEmpty();
    }

    @Test
    void what_lies_beside_a_chain_or_in_a_folder_of_its_own_keeps_its_folder_and_hides_nothing() {
        List<String> paths = stored();
        String middle = paths.get(paths.size() / 2);
        paths.addAll(List.of(middle + ".d/A", middle + ".d/B", "wal/A", "wal/B", "wal/7/A", "wal/x/y/z/A"));
        paths.sort(null);
        assertThat(contents(paths).incomplete()).isEmpty();
        assertThat(contents(paths).unlisted())
                .isEqualTo(Map.of(
                        middle + ".d",
                        List.of("A", "B"),
                        "wal",
                        List.of("A", "B"),
                        "wal/7",
                        List.of("A"),
                        "wal/x/y/z",
                        List.of("A")));
    }

    @Test
    void a_segment_that_two_manifests_list_is_there_for_both() {
        Manifest again = chain.incremental(3, first, 1, 6, 7);
        assertThat(WalContents.of(stored(), List.of(first, second, again)).incomplete())
                .isEmpty();
    }

    @Test
    void a_listing_out_of_order_is_refused_and_not_taken_for_a_gap() {
        List<String> paths = stored();
        for (int i = 1; i < paths.size(); i++) {
            List<String> swapped = new ArrayList<>(paths);
            java.util.Collections.swap(swapped, i - 1, i);
            assertThatThrownBy(() -> contents(swapped))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("lists");
        }
    }
}
