package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SortedPathsTest {
    private static final String[] CHARACTERS = {
        "a", "b", "/", "-", "é", "\ud7ff", "\ue000", "\uffef", "😀", "\ud800\udc00"
    };

    private final Random random = new Random(7);

    @Test
    void bytes_are_sorted_as_the_strings_would_be() {
        List<String> paths = paths(2000);

        assertThat(paths.stream()
                        .map(path -> path.getBytes(StandardCharsets.UTF_8))
                        .sorted(SortedPaths::compare)
                        .map(bytes -> new String(bytes, StandardCharsets.UTF_8)))
                .containsExactlyElementsOf(paths.stream().sorted().toList());
    }

    @Test
    void every_path_is_found_again_in_its_place() {
        List<String> paths = paths(1000).stream().distinct().sorted().toList();
        List<String> joined = new JoinedPaths(
                List.of(of(paths.subList(0, 501)), of(paths.subList(501, 502)), of(paths.subList(502, paths.size()))));

        assertThat(joined).containsExactlyElementsOf(paths);
        for (int i = 0; i < paths.size(); i++) {
            assertThat(joined.get(i)).isEqualTo(paths.get(i));
        }
        assertThat(joined.subList(17, 600)).containsExactlyElementsOf(paths.subList(17, 600));
        assertThat(joined.subList(17, 600).get(1)).isEqualTo(paths.get(18));
        assertThat(joined.subList(paths.size(), paths.size())).isEmpty();
        assertThat(new JoinedPaths(List.of())).isEmpty();
    }

    private static SortedPaths of(List<String> paths) {
        SortedPaths.Builder builder = new SortedPaths.Builder();
        paths.forEach(path -> builder.add(path.getBytes(StandardCharsets.UTF_8)));
        return builder.build();
    }

    /** Some much longer than others, with much in common. */
    private List<String> paths(int count) {
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder path = new StringBuilder(random.nextBoolean() ? "wal/7564738291029384756/" : "x".repeat(300));
            int length = 1 + random.nextInt(5);
            for (int c = 0; c < length; c++) {
                path.append(CHARACTERS[random.nextInt(CHARACTERS.length)]);
            }
            paths.add(path.toString());
        }
        return paths;
    }
}
